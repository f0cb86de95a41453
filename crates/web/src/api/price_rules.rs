//! Prices, and when they count.

use coterie_app::{catalogue, resource};
use coterie_domain::{
    CompanyId, LocationId, PlanId, ResourceId, ResourceTypeId,
    local_time::Hours,
    resource::{BookedBy, Conditions, NewPriceRule, PriceRulePublished},
};
use jiff::civil::{Date, Time};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::{
    command::Command,
    reading::{PageQuery, Reading},
    reply::{Answer, Carried, CommandAnswer, List, naming},
    words::Money,
};
use crate::{
    failure::{Failure, FieldError},
    json::ApiJson,
};

/// When a rule counts. What is absent does not matter.
#[derive(Debug, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct PriceConditions {
    /// Monday is 1, Sunday 7; none is every day.
    weekdays: Vec<i8>,
    /// Wall time at the location, with `until`.
    #[schema(value_type = Option<String>, example = "16:00")]
    from: Option<Time>,
    /// 00:00 is the end of the day.
    #[schema(value_type = Option<String>, example = "20:00")]
    until: Option<Time>,
    first_day: Option<Date>,
    last_day: Option<Date>,
    plan_id: Option<Uuid>,
    resource_id: Option<Uuid>,
    /// Of the whole booking.
    min_minutes: Option<i32>,
    min_people: Option<i32>,
    /// Members whose membership this company pays for.
    company_id: Option<Uuid>,
    booked_by: Option<Booker>,
}

/// Who books: somebody with a membership, or without one.
#[derive(Debug, Clone, Copy, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Booker {
    Member,
    Visitor,
}

impl From<BookedBy> for Booker {
    fn from(kind: BookedBy) -> Self {
        match kind {
            BookedBy::Member => Self::Member,
            BookedBy::Visitor => Self::Visitor,
        }
    }
}

impl From<Booker> for BookedBy {
    fn from(kind: Booker) -> Self {
        match kind {
            Booker::Member => Self::Member,
            Booker::Visitor => Self::Visitor,
        }
    }
}

impl From<&Conditions> for PriceConditions {
    fn from(fact: &Conditions) -> Self {
        Self {
            weekdays: fact.weekdays.clone(),
            from: fact.hours.map(|hours| hours.from),
            until: fact.hours.map(|hours| hours.to),
            first_day: fact.first_day,
            last_day: fact.last_day,
            plan_id: fact.plan_id.map(|id| id.0),
            resource_id: fact.resource_id.map(|id| id.0),
            min_minutes: fact.min_minutes,
            min_people: fact.min_people,
            company_id: fact.company_id.map(|id| id.0),
            booked_by: fact.booked_by.map(Into::into),
        }
    }
}

impl PriceConditions {
    fn read(self) -> Result<Conditions, Failure> {
        let hours = match (self.from, self.until) {
            (Some(from), Some(to)) => Some(Hours { from, to }),
            (None, None) => None,
            (Some(_), None) => return Err(missing("conditions.until")),
            (None, Some(_)) => return Err(missing("conditions.from")),
        };
        Ok(Conditions {
            weekdays: self.weekdays,
            hours,
            first_day: self.first_day,
            last_day: self.last_day,
            plan_id: self.plan_id.map(PlanId),
            resource_id: self.resource_id.map(ResourceId),
            min_minutes: self.min_minutes,
            min_people: self.min_people,
            company_id: self.company_id.map(CompanyId),
            booked_by: self.booked_by.map(Into::into),
        })
    }
}

fn missing(field: &str) -> Failure {
    Failure::invalid(vec![FieldError::new(field, "Please give both ends of the hours.")])
}

#[derive(Debug, Serialize, ToSchema)]
pub struct PriceRule {
    price_rule_id: Uuid,
    resource_type_id: Uuid,
    /// Null: wherever its currency is used.
    location_id: Option<Uuid>,
    per_hour: Money,
    /// Each four hours of a day, where that is cheaper.
    half_day: Option<Money>,
    /// No day costs more than this.
    day_cap: Option<Money>,
    /// Nothing that is charged at all costs less than this a day.
    minimum: Option<Money>,
    /// Whether all of these are told with the tax in them; else they are net.
    tax_included: bool,
    /// All of these are for each of those who come.
    per_seat: bool,
    conditions: PriceConditions,
}

impl From<&PriceRulePublished> for PriceRule {
    fn from(fact: &PriceRulePublished) -> Self {
        Self {
            price_rule_id: fact.price_rule_id.0,
            resource_type_id: fact.resource_type_id.0,
            location_id: fact.location_id.map(|id| id.0),
            per_hour: fact.per_hour.into(),
            half_day: fact.half_day.map(Money::from),
            day_cap: fact.day_cap.map(Money::from),
            minimum: fact.minimum.map(Money::from),
            tax_included: fact.tax_included,
            per_seat: fact.per_seat,
            conditions: (&fact.conditions).into(),
        }
    }
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PublishPriceRule {
    resource_type_id: Uuid,
    /// Leave it out for every location that bills in this currency.
    location_id: Option<Uuid>,
    per_hour: Money,
    half_day: Option<Money>,
    day_cap: Option<Money>,
    minimum: Option<Money>,
    /// Whether all of these have the tax in them. Left out, they are net.
    #[serde(default)]
    tax_included: bool,
    /// All of these are for each of those who come.
    #[serde(default)]
    per_seat: bool,
    #[serde(default)]
    conditions: PriceConditions,
}

impl PublishPriceRule {
    pub(super) fn read(self) -> Result<NewPriceRule, Failure> {
        Ok(NewPriceRule {
            resource_type_id: ResourceTypeId(self.resource_type_id),
            location_id: self.location_id.map(LocationId),
            per_hour: self.per_hour.into(),
            half_day: self.half_day.map(Into::into),
            day_cap: self.day_cap.map(Into::into),
            minimum: self.minimum.map(Into::into),
            tax_included: self.tax_included,
            per_seat: self.per_seat,
            conditions: self.conditions.read()?,
        })
    }
}

/// How the body calls what the decision names.
pub(super) const NAMES: [(&str, &str); 11] = [
    ("currency", "per_hour.currency"),
    ("per_hour", "per_hour.minor"),
    ("weekdays", "conditions.weekdays"),
    ("until", "conditions.until"),
    ("last_day", "conditions.last_day"),
    ("plan_id", "conditions.plan_id"),
    ("min_minutes", "conditions.min_minutes"),
    ("min_people", "conditions.min_people"),
    ("company_id", "conditions.company_id"),
    ("booked_by", "conditions.booked_by"),
    ("resource_id", "conditions.resource_id"),
];

#[utoipa::path(post, path = "/v1/price_rules", tag = "catalogue", request_body = PublishPriceRule,
    responses((status = 201, description = "Published", body = PriceRule)))]
pub async fn create(command: Command<PublishPriceRule>) -> CommandAnswer<PriceRule> {
    let (app, new) = (&command.house.app, command.body.read()?);
    let done = resource::publish_price(app, &command.caller, new)
        .await
        .map_err(naming(&NAMES))?;
    let catalogue = catalogue::read(app, command.caller.tenant).await?;
    let known = catalogue
        .price_rules
        .get(&done.outcome)
        .ok_or_else(Failure::not_found)?;
    Ok(Carried::created(&done, "/v1/price_rules".to_owned(), known.into()))
}

/// What a rule would have meant last month.
#[derive(Debug, Serialize, ToSchema)]
pub struct PricePreview {
    first_day: Date,
    last_day: Date,
    /// Bookings of the type that were looked at.
    bookings: usize,
    /// Net, by the rules that count now.
    before: Money,
    /// Net, with the new rule among them.
    after: Money,
    /// How many would have cost something else.
    changed: usize,
    /// The greatest differences, at most 50.
    differences: Vec<PriceDifference>,
    /// There were more bookings than are looked at.
    cut: bool,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct PriceDifference {
    booking_id: Uuid,
    before: Money,
    after: Money,
}

#[utoipa::path(post, path = "/v1/price_rules/preview", tag = "catalogue", request_body = PublishPriceRule,
    responses((status = 200, description = "Last month's bookings by the rules that count now and with this one; nothing is published", body = PricePreview)))]
pub async fn preview(command: Command<PublishPriceRule>) -> Answer<PricePreview> {
    let (app, new) = (&command.house.app, command.body.read()?);
    let found = resource::preview_price(app, &command.caller, &new)
        .await
        .map_err(naming(&NAMES))?;
    Ok(ApiJson(PricePreview {
        first_day: found.first_day,
        last_day: found.last_day,
        bookings: found.bookings,
        before: found.before.into(),
        after: found.after.into(),
        changed: found.changed,
        differences: found
            .rows
            .iter()
            .map(|row| PriceDifference {
                booking_id: row.booking_id.0,
                before: row.before.into(),
                after: row.after.into(),
            })
            .collect(),
        cut: found.cut,
    }))
}

#[utoipa::path(get, path = "/v1/price_rules", tag = "catalogue", params(PageQuery),
    responses((status = 200, description = "Price rules, the oldest first; of rules that fit alike, the last counts", body = List<PriceRule>)))]
pub async fn list(reading: Reading) -> Answer<List<PriceRule>> {
    reading.settled(&[]).await?;
    let catalogue = catalogue::read(reading.app(), reading.tenant()).await?;
    let known = catalogue.price_rules.values();
    Ok(List::by_id(
        &reading.page()?,
        known,
        |fact| fact.price_rule_id.0,
        PriceRule::from,
    ))
}
