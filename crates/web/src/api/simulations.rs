//! What if: a month that is over, priced by what is published and by a draft. Nothing is kept of it.

use coterie_app::{
    catalogue,
    page::{MAX_PAGE, PageRequest},
    simulation,
};
use coterie_domain::{
    LocationId, MembershipId, PlanId, PriceRuleId, Refusal, ResourceTypeId,
    catalogue::Catalogue,
    charge::Because,
    period::CycleLength,
    plan,
    simulation::{
        About, Draft, Figures as DomainFigures, Kind, Line, Outcome, PlanDraft as DomainPlan, Row,
        RuleDraft as DomainRule, Totals as DomainTotals, largest,
    },
};
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use utoipa::ToSchema;
use uuid::Uuid;

use super::{
    command::Command,
    price_rules::{self, PublishPriceRule},
    reply::Answer,
    words::Money,
};
use crate::{
    failure::{Failure, FieldError},
    json::ApiJson,
};

/// A draft and the month to price by it. Without plan and rules the answer says how what is published compares with what was
/// charged.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Simulate {
    /// A month of which days have passed, each counted on its location's clock.
    #[schema(example = "2026-01")]
    month: String,
    plan: Option<PlanDraft>,
    /// At most 20, with those that are withdrawn.
    #[serde(default)]
    rules: Vec<RuleDraft>,
    /// Published rules that would not count.
    #[serde(default)]
    withdrawn: Vec<Uuid>,
    /// This membership alone.
    membership_id: Option<Uuid>,
    /// Every line of each membership of the page, and why it costs what it does, both ways.
    #[serde(default)]
    explain: bool,
    /// Memberships of the page, 25 unless said.
    #[schema(minimum = 1, maximum = 100)]
    limit: Option<i64>,
    /// The `next` of the page before, with the same draft.
    after: Option<String>,
}

/// The next version of a plan. What is left out is as published; its locations and access hours are no price and stay.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PlanDraft {
    plan_id: Uuid,
    /// Per cycle.
    price: Option<Money>,
    /// Whether the price and the set-up fee have the VAT in them.
    tax_included: Option<bool>,
    #[schema(minimum = 1, maximum = 31)]
    billing_day: Option<i8>,
    #[serde(default)]
    terms: DraftTerms,
    allowances: Option<Vec<DraftAllowance>>,
    #[serde(default)]
    earlier_versions: Earlier,
}

/// What becomes of memberships on versions of the plan before the last one.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Earlier {
    /// They are priced by the draft too.
    #[default]
    Move,
    /// They keep their version.
    Stay,
}

/// Those terms of a plan that cost or grant something.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DraftTerms {
    /// `week`, `month`, `quarter`, `year`, or a number of days such as `10 days`.
    cycle: Option<String>,
    /// In minor units of the price's currency, once.
    set_up_fee_minor: Option<i64>,
    trial_days: Option<i64>,
    rollover_cycles: Option<i64>,
    allowances_by_days: Option<bool>,
    day_passes: Option<i64>,
    /// Net, in minor units of the price's currency.
    money_minor: Option<i64>,
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DraftAllowance {
    resource_type_id: Uuid,
    minutes: i64,
}

/// A rule that would count.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RuleDraft {
    /// The published rule that it would stand for; left out, it is one more.
    replaces: Option<Uuid>,
    rule: PublishPriceRule,
}

impl PlanDraft {
    fn read(self, catalogue: &Catalogue) -> Result<DomainPlan, Refusal> {
        let unknown = || {
            let sentence = "There is no such plan.";
            Refusal::not_found("unknown_plan", sentence).on("plan_id", sentence)
        };
        let latest = catalogue.latest_version_of(PlanId(self.plan_id)).ok_or_else(unknown)?;
        let mut draft = DomainPlan::of(latest);
        draft.earlier_stay = self.earlier_versions == Earlier::Stay;
        draft.price = self.price.map_or(draft.price, Into::into);
        draft.tax_included = self.tax_included.unwrap_or(draft.tax_included);
        draft.billing_day = self.billing_day.unwrap_or(draft.billing_day);
        let (new, terms) = (self.terms, &mut draft.terms);
        if let Some(cycle) = new.cycle {
            terms.length = CycleLength::parse(&cycle)
                .map_err(|sentence| Refusal::field("unknown_cycle", "plan.terms.cycle", sentence))?;
        }
        terms.set_up_fee_minor = new.set_up_fee_minor.unwrap_or(terms.set_up_fee_minor);
        terms.trial_days = new.trial_days.unwrap_or(terms.trial_days);
        terms.rollover_cycles = new.rollover_cycles.unwrap_or(terms.rollover_cycles);
        terms.allowances_by_days = new.allowances_by_days.unwrap_or(terms.allowances_by_days);
        terms.day_passes = new.day_passes.unwrap_or(terms.day_passes);
        terms.money_minor = new.money_minor.unwrap_or(terms.money_minor);
        if let Some(allowances) = self.allowances {
            draft.allowances = allowances
                .into_iter()
                .map(|granted| plan::Allowance {
                    resource_type_id: ResourceTypeId(granted.resource_type_id),
                    minutes: granted.minutes,
                })
                .collect();
        }
        Ok(draft)
    }
}

/// How the body calls what the decision names of a plan.
const PLAN_NAMES: [(&str, &str); 12] = [
    ("plan_id", "plan.plan_id"),
    ("currency", "plan.price.currency"),
    ("price", "plan.price.minor"),
    ("billing_day", "plan.billing_day"),
    ("set_up_fee", "plan.terms.set_up_fee_minor"),
    ("trial_days", "plan.terms.trial_days"),
    ("rollover_cycles", "plan.terms.rollover_cycles"),
    ("day_passes", "plan.terms.day_passes"),
    ("money", "plan.terms.money_minor"),
    ("allowances", "plan.allowances"),
    ("resource_type_id", "plan.allowances"),
    ("cycle", "plan.terms.cycle"),
];

fn naming(error: impl Into<Failure>) -> Failure {
    let mut failure: Failure = error.into();
    for field in &mut failure.fields {
        let mut parts = field.field.splitn(3, '.');
        field.field = match (parts.next(), parts.next(), parts.next()) {
            (Some("rules"), Some(index), Some("replaces")) => format!("rules.{index}.replaces"),
            (Some("rules"), Some(index), Some(name)) => {
                let known = price_rules::NAMES.iter().find(|(domain, _)| *domain == name);
                format!("rules.{index}.rule.{}", known.map_or(name, |(_, named)| *named))
            }
            _ => {
                let known = PLAN_NAMES.iter().find(|(domain, _)| *domain == field.field);
                known.map_or_else(|| field.field.clone(), |(_, named)| (*named).to_owned())
            }
        };
    }
    failure
}

/// Net sums: what stands charged, what the published terms come to, and what the draft would.
#[derive(Debug, Serialize, ToSchema)]
pub struct Figures {
    charged: Money,
    published: Money,
    draft: Money,
    /// Draft less published.
    difference: Money,
}

impl Figures {
    fn of(figures: DomainFigures, currency: coterie_domain::Currency) -> Self {
        let money = |minor| coterie_domain::Money::new(minor, currency).into();
        Self {
            charged: money(figures.charged),
            published: money(figures.published),
            draft: money(figures.draft),
            difference: money(figures.difference()),
        }
    }
}

/// A month, priced.
#[derive(Debug, Serialize, ToSchema)]
pub struct Simulation {
    first_day: Date,
    last_day: Date,
    /// The draft says nothing but what is published.
    changes_nothing: bool,
    memberships: usize,
    bookings: usize,
    passes: usize,
    /// Memberships that the draft's plan is applied to.
    on_draft: usize,
    /// Those of them that keep a price which was agreed instead of the plan's.
    agreed_prices: usize,
    /// One for each currency.
    totals: Vec<Totals>,
    /// A page of memberships, in the order of their ids.
    data: Vec<SimulatedMembership>,
    #[schema(required)]
    next: Option<String>,
}

/// What all memberships of one currency come to.
#[derive(Debug, Serialize, ToSchema)]
pub struct Totals {
    #[serde(flatten)]
    figures: Figures,
    /// Memberships that would cost more, less, or the same.
    more: usize,
    less: usize,
    same: usize,
    by_plan: Vec<OfPlan>,
    by_location: Vec<OfLocation>,
    by_kind: Vec<OfKind>,
    /// What to know before believing the figures, and why charged and published differ where they do.
    notes: Vec<SimulationNote>,
    /// The ten largest.
    rises: Vec<SimulatedMembership>,
    falls: Vec<SimulatedMembership>,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct OfPlan {
    plan_id: Uuid,
    #[serde(flatten)]
    figures: Figures,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct OfLocation {
    location_id: Uuid,
    #[serde(flatten)]
    figures: Figures,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct OfKind {
    /// `plan`, `set_up_fee`, `booking` or `pass`.
    kind: &'static str,
    /// Of bookings.
    resource_type_id: Option<Uuid>,
    #[serde(flatten)]
    figures: Figures,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct SimulationNote {
    /// `unsettled`, `prices_since`, `drawn_otherwise`, `no_price`, `courtesy`, `moved`, `given_up` or `no_show`.
    note: &'static str,
    sentence: &'static str,
    lines: usize,
    /// Published less charged.
    amount: Money,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct SimulatedMembership {
    membership_id: Uuid,
    member_id: Uuid,
    plan_id: Uuid,
    home_location_id: Uuid,
    #[serde(flatten)]
    figures: Figures,
    on_draft: bool,
    /// A price was agreed instead of the plan's; the draft does not touch it.
    agreed_price: bool,
    bookings: usize,
    passes: usize,
    /// Where it was asked to explain.
    #[serde(skip_serializing_if = "Option::is_none")]
    lines: Option<Vec<SimulatedLine>>,
}

/// One price of the month.
#[derive(Debug, Serialize, ToSchema)]
pub struct SimulatedLine {
    kind: &'static str,
    booking_id: Option<Uuid>,
    pass_id: Option<Uuid>,
    day: Date,
    location_id: Uuid,
    description: String,
    #[serde(flatten)]
    figures: Figures,
    published_allowance_minutes: i64,
    draft_allowance_minutes: i64,
    published_because: Vec<String>,
    draft_because: Vec<String>,
    notes: Vec<&'static str>,
}

fn member(row: &Row) -> SimulatedMembership {
    SimulatedMembership {
        membership_id: row.membership_id.0,
        member_id: row.member_id.0,
        plan_id: row.plan_id.0,
        home_location_id: row.home_location_id.0,
        figures: Figures::of(row.figures, row.currency),
        on_draft: row.on_draft,
        agreed_price: row.agreed_price,
        bookings: row.bookings,
        passes: row.passes,
        lines: None,
    }
}

fn line(line: &Line, currency: coterie_domain::Currency) -> SimulatedLine {
    let texts = |steps: &[Because]| steps.iter().map(|step| step.text.clone()).collect();
    let (booking_id, pass_id) = match line.about {
        About::Booking(id) => (Some(id.0), None),
        About::Pass(id) => (None, Some(id.0)),
        About::Membership => (None, None),
    };
    SimulatedLine {
        kind: line.kind.name(),
        booking_id,
        pass_id,
        day: line.day,
        location_id: line.location_id.0,
        description: line.what.clone(),
        figures: Figures::of(line.figures, currency),
        published_allowance_minutes: line.covered.0,
        draft_allowance_minutes: line.covered.1,
        published_because: texts(&line.published_because),
        draft_because: texts(&line.draft_because),
        notes: line.notes.iter().map(|note| note.name()).collect(),
    }
}

fn totals(currency: coterie_domain::Currency, all: &DomainTotals, rows: &[Row]) -> Totals {
    let figures = |figures: &DomainFigures| Figures::of(*figures, currency);
    let (rises, falls) = largest(rows, currency);
    Totals {
        figures: figures(&all.figures),
        more: all.more,
        less: all.less,
        same: all.same,
        by_plan: all
            .by_plan
            .iter()
            .map(|(PlanId(plan_id), sum)| OfPlan {
                plan_id: *plan_id,
                figures: figures(sum),
            })
            .collect(),
        by_location: all
            .by_location
            .iter()
            .map(|(LocationId(location_id), sum)| OfLocation {
                location_id: *location_id,
                figures: figures(sum),
            })
            .collect(),
        by_kind: all
            .by_kind
            .iter()
            .map(|(kind, sum)| OfKind {
                kind: kind.name(),
                resource_type_id: match kind {
                    Kind::Booking(id) => Some(id.0),
                    _ => None,
                },
                figures: figures(sum),
            })
            .collect(),
        notes: all
            .notes
            .iter()
            .map(|(note, noted)| SimulationNote {
                note: note.name(),
                sentence: note.sentence(),
                lines: noted.lines,
                amount: coterie_domain::Money::new(noted.minor, currency).into(),
            })
            .collect(),
        rises: rises.into_iter().map(member).collect(),
        falls: falls.into_iter().map(member).collect(),
    }
}

fn page(limit: Option<i64>, after: Option<String>) -> Result<PageRequest, Failure> {
    if limit.is_some_and(|limit| !(1..=MAX_PAGE).contains(&limit)) {
        let message = format!("Ask for 1 to {MAX_PAGE} items.");
        return Err(Failure::invalid(vec![FieldError::new("limit", message)]));
    }
    let request = PageRequest { limit, after };
    if request.after.is_some() && request.after::<Uuid>().is_none() {
        let message = "This is not the `next` of a page.";
        return Err(Failure::invalid(vec![FieldError::new("after", message)]));
    }
    Ok(request)
}

#[utoipa::path(post, path = "/v1/simulations", tag = "catalogue", request_body = Simulate,
    responses((status = 200, description = "The month by what is published and by the draft; nothing is published or kept", body = Simulation)))]
pub async fn create(command: Command<Simulate>) -> Answer<Simulation> {
    let (app, caller, body) = (&command.house.app, &command.caller, command.body);
    let request = page(body.limit, body.after)?;
    let known = catalogue::read(app, caller.tenant).await?;
    let mut rules = Vec::with_capacity(body.rules.len());
    for (index, drafted) in body.rules.into_iter().enumerate() {
        let rule = drafted.rule.read().map_err(|mut failure| {
            for field in &mut failure.fields {
                field.field = format!("rules.{index}.rule.{}", field.field);
            }
            failure
        })?;
        rules.push(DomainRule {
            replaces: drafted.replaces.map(PriceRuleId),
            rule,
        });
    }
    let draft = Draft {
        month: body.month,
        plan: body.plan.map(|plan| plan.read(&known)).transpose().map_err(naming)?,
        rules,
        withdrawn: body.withdrawn.into_iter().map(PriceRuleId).collect(),
    };
    let only = body.membership_id.map(|id| [MembershipId(id)]);
    let only = only.as_ref().map(<[MembershipId; 1]>::as_slice);
    let simulated = simulation::simulate(app, caller, &draft, only).await.map_err(naming)?;
    if only.is_some() && simulated.rows.is_empty() {
        return Err(Failure::not_found());
    }
    let after: Option<Uuid> = request.after();
    let wanted = usize::try_from(request.limit() + 1).unwrap_or(1);
    let rows = simulated
        .rows
        .iter()
        .filter(|row| after.is_none_or(|after| row.membership_id.0 > after));
    let shown = request.cut(rows.take(wanted).collect(), |row| row.membership_id.0);
    let mut lines: BTreeMap<MembershipId, Outcome> = BTreeMap::new();
    if body.explain && !shown.items.is_empty() {
        let ids: Vec<MembershipId> = shown.items.iter().map(|row| row.membership_id).collect();
        let (_, outcomes) = simulation::explain(app, caller, &draft, &ids).await.map_err(naming)?;
        lines.extend(outcomes.into_iter().map(|outcome| (outcome.membership_id, outcome)));
    }
    let data = shown.items.iter().map(|row| SimulatedMembership {
        lines: lines.get(&row.membership_id).map(|outcome| {
            let all = outcome.lines.iter();
            all.map(|one| line(one, outcome.currency)).collect()
        }),
        ..member(row)
    });
    let (summary, terms) = (&simulated.summary, &simulated.terms);
    let sums = summary.totals.iter();
    Ok(ApiJson(Simulation {
        first_day: terms.month.start,
        last_day: terms.month.last(),
        changes_nothing: terms.change_nothing(),
        memberships: summary.memberships,
        bookings: summary.bookings,
        passes: summary.passes,
        on_draft: summary.on_draft,
        agreed_prices: summary.agreed_prices,
        totals: sums
            .map(|(currency, all)| totals(*currency, all, &simulated.rows))
            .collect(),
        data: data.collect(),
        next: shown.next,
    }))
}
