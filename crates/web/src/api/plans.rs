//! Plans and their immutable versions.

use coterie_app::{catalogue, plan};
use coterie_domain::{
    LegalEntityId, LocationId, PlanId, Refusal, ResourceTypeId,
    period::CycleLength,
    plan::{self as domain, NewPlanVersion, PlanTerms, PlanVersionPublished},
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::{
    command::Command,
    reading::{Id, PageQuery, Reading},
    reply::{Answer, Carried, CommandAnswer, List, naming},
    words::Money,
};
use crate::failure::Failure;

/// A revision of a plan. It never changes.
#[derive(Debug, Serialize, ToSchema)]
pub struct PlanVersion {
    plan_id: Uuid,
    plan_version_id: Uuid,
    /// 1 for the first revision.
    number: i32,
    name: String,
    legal_entity_id: Uuid,
    /// Per cycle.
    price: Money,
    /// Whether price and set-up fee are told with the tax in them; money and deposit are not.
    tax_included: bool,
    terms: Terms,
    /// 31 means the last day of short months.
    billing_day: i8,
    tax_category: String,
    allowances: Vec<Allowance>,
    /// Empty: every location of the legal entity.
    locations: Vec<Uuid>,
    /// When it lets members in, on the clock of each house; null is at any time.
    #[schema(example = "Mon-Fri 08:00-18:00")]
    access_hours: Option<String>,
}

/// How a plan is paid and left.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Terms {
    /// `week`, `month`, `quarter`, `year`, or a number of days such as `10 days`.
    #[schema(example = "month")]
    cycle: String,
    /// Whether a cycle is invoiced when it is over rather than when it begins.
    in_arrears: bool,
    /// In minor units of the price's currency, once; told as the price is.
    set_up_fee_minor: i64,
    /// First days that cost nothing.
    trial_days: i64,
    /// Whole cycles that are paid before notice may let it end.
    term_cycles: i64,
    /// From notice to the earliest end, which is the end of a cycle.
    notice_days: i64,
    /// For how many cycles after its own an allowance can still be drawn on.
    rollover_cycles: i64,
    /// Whether a short cycle grants only the part of its days.
    allowances_by_days: bool,
    /// How many people of a company may use one membership, its holder among them.
    seats: i64,
    /// Day passes that each cycle grants.
    day_passes: i64,
    /// Money that each cycle grants, net, in minor units of the price's currency: it pays for bookings and passes.
    money_minor: i64,
    /// Held while a membership runs, in minor units of the price's currency; it has no VAT.
    deposit_minor: i64,
}

impl Default for Terms {
    fn default() -> Self {
        PlanTerms::default().into()
    }
}

impl From<PlanTerms> for Terms {
    fn from(terms: PlanTerms) -> Self {
        Self {
            cycle: terms.length.to_string(),
            in_arrears: terms.in_arrears,
            set_up_fee_minor: terms.set_up_fee_minor,
            trial_days: terms.trial_days,
            term_cycles: terms.term_cycles,
            notice_days: terms.notice_days,
            rollover_cycles: terms.rollover_cycles,
            allowances_by_days: terms.allowances_by_days,
            seats: terms.seats,
            day_passes: terms.day_passes,
            money_minor: terms.money_minor,
            deposit_minor: terms.deposit_minor,
        }
    }
}

impl Terms {
    fn read(self) -> Result<PlanTerms, Refusal> {
        let length = CycleLength::parse(&self.cycle)
            .map_err(|sentence| Refusal::field("unknown_cycle", "terms.cycle", sentence))?;
        Ok(PlanTerms {
            length,
            in_arrears: self.in_arrears,
            set_up_fee_minor: self.set_up_fee_minor,
            trial_days: self.trial_days,
            term_cycles: self.term_cycles,
            notice_days: self.notice_days,
            rollover_cycles: self.rollover_cycles,
            allowances_by_days: self.allowances_by_days,
            seats: self.seats,
            day_passes: self.day_passes,
            money_minor: self.money_minor,
            deposit_minor: self.deposit_minor,
        })
    }
}

/// Time of a resource type that each cycle grants.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Allowance {
    resource_type_id: Uuid,
    #[schema(example = 300)]
    minutes: i64,
}

impl From<&PlanVersionPublished> for PlanVersion {
    fn from(fact: &PlanVersionPublished) -> Self {
        let allowances = fact.allowances.iter().map(|granted| Allowance {
            resource_type_id: granted.resource_type_id.0,
            minutes: granted.minutes,
        });
        Self {
            plan_id: fact.plan_id.0,
            plan_version_id: fact.plan_version_id.0,
            number: fact.number,
            name: fact.name.clone(),
            legal_entity_id: fact.legal_entity_id.0,
            price: fact.price.into(),
            tax_included: fact.tax_included,
            terms: fact.terms().into(),
            billing_day: fact.billing_day,
            tax_category: fact.tax_category.clone(),
            allowances: allowances.collect(),
            locations: fact.locations.iter().map(|id| id.0).collect(),
            access_hours: fact.access_hours.map(|hours| hours.to_string()),
        }
    }
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PublishPlan {
    /// Leave it out for a new plan; name one to publish its next version.
    plan_id: Option<Uuid>,
    name: String,
    legal_entity_id: Uuid,
    price: Money,
    /// Whether price and set-up fee have the tax in them. Left out, they are net.
    #[serde(default)]
    tax_included: bool,
    #[serde(default = "first")]
    #[schema(minimum = 1, maximum = 31)]
    billing_day: i8,
    /// Left out: by the month, in advance, to be left at the end of any cycle.
    #[serde(default)]
    terms: Terms,
    tax_category: String,
    #[serde(default)]
    allowances: Vec<Allowance>,
    #[serde(default)]
    locations: Vec<Uuid>,
    /// Left out, at any time.
    #[schema(example = "Mon-Fri 08:00-18:00")]
    access_hours: Option<String>,
}

fn first() -> i8 {
    1
}

#[utoipa::path(post, path = "/v1/plans", tag = "catalogue", request_body = PublishPlan,
    responses((status = 201, description = "Published", body = PlanVersion)))]
pub async fn create(command: Command<PublishPlan>) -> CommandAnswer<PlanVersion> {
    let (app, new) = (&command.house.app, command.body);
    let allowances = new.allowances.iter().map(|granted| domain::Allowance {
        resource_type_id: ResourceTypeId(granted.resource_type_id),
        minutes: granted.minutes,
    });
    let version = NewPlanVersion {
        name: new.name,
        legal_entity_id: LegalEntityId(new.legal_entity_id),
        price: new.price.into(),
        tax_included: new.tax_included,
        billing_day: new.billing_day,
        terms: new.terms.read()?,
        tax_category: new.tax_category,
        allowances: allowances.collect(),
        locations: new.locations.into_iter().map(LocationId).collect(),
        access_hours: new.access_hours.unwrap_or_default(),
    };
    let done = plan::publish(app, &command.caller, new.plan_id.map(PlanId), version)
        .await
        .map_err(naming(&[
            ("currency", "price.currency"),
            ("price", "price.minor"),
            ("set_up_fee", "terms.set_up_fee_minor"),
            ("trial_days", "terms.trial_days"),
            ("term_cycles", "terms.term_cycles"),
            ("notice_days", "terms.notice_days"),
            ("rollover_cycles", "terms.rollover_cycles"),
            ("day_passes", "terms.day_passes"),
            ("money", "terms.money_minor"),
            ("deposit", "terms.deposit_minor"),
        ]))?;
    let catalogue = catalogue::read(app, command.caller.tenant).await?;
    let published = &done.outcome;
    let known = catalogue
        .plan_versions
        .get(&published.plan_version_id)
        .ok_or_else(Failure::not_found)?;
    Ok(Carried::created(
        &done,
        format!("/v1/plans/{}", published.plan_id),
        known.into(),
    ))
}

#[utoipa::path(get, path = "/v1/plans", tag = "catalogue", params(PageQuery),
    responses((status = 200, description = "The version of each plan that is on offer", body = List<PlanVersion>)))]
pub async fn list(reading: Reading) -> Answer<List<PlanVersion>> {
    reading.settled(&[]).await?;
    let catalogue = catalogue::read(reading.app(), reading.tenant()).await?;
    let mut offered = catalogue.plans_on_offer();
    offered.sort_by_key(|fact| fact.plan_version_id);
    let offered = offered.into_iter();
    Ok(List::by_id(
        &reading.page()?,
        offered,
        |fact| fact.plan_version_id.0,
        PlanVersion::from,
    ))
}

#[utoipa::path(get, path = "/v1/plans/{plan_id}", tag = "catalogue", params(("plan_id" = Uuid, Path), PageQuery),
    responses((status = 200, description = "Every version of a plan, the first first", body = List<PlanVersion>)))]
pub async fn versions(Id(id): Id, reading: Reading) -> Answer<List<PlanVersion>> {
    reading.settled(&[]).await?;
    let catalogue = catalogue::read(reading.app(), reading.tenant()).await?;
    if catalogue.latest_version_of(PlanId(id)).is_none() {
        return Err(Failure::not_found());
    }
    // Ids of versions are ordered by time.
    let versions = catalogue.plan_versions.values().filter(|fact| fact.plan_id.0 == id);
    Ok(List::by_id(
        &reading.page()?,
        versions,
        |fact| fact.plan_version_id.0,
        PlanVersion::from,
    ))
}
