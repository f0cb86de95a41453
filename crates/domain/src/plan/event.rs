use crate::{
    LegalEntityId, LocationId, Money, PlanId, PlanVersionId, ResourceTypeId, credit::Holds, event::domain_events,
    local_time::OpeningHours, period::CycleLength, tax::told_net,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

domain_events!(
    /// What happened to a plan.
    PlanEvent, "plan", {
        PlanVersionPublished = 5 [1 => at_any_time, 2 => by_the_month, 3 => for_one_by_the_hour, 4 => told_net]
    }
);

/// A revision of a plan. It never changes; a new one is published instead.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct PlanVersionPublished {
    pub plan_id: PlanId,
    pub plan_version_id: PlanVersionId,
    /// 1 for the first revision.
    pub number: i32,
    pub name: String,
    pub legal_entity_id: LegalEntityId,
    /// Of one cycle.
    pub price: Money,
    /// Whether price and set-up fee are told with the tax in them. Versions before 5 were told net; money and deposit always are.
    pub tax_included: bool,
    pub length: CycleLength,
    /// Day of the month on which cycles begin; 31 means the last day of short months. Cycles that are counted in days begin
    /// with the membership instead.
    pub billing_day: i8,
    /// Whether a cycle is invoiced when it is over rather than when it begins.
    pub in_arrears: bool,
    /// Once, when a membership begins; told as the price is.
    pub set_up_fee: Option<Money>,
    /// The first days of a membership that cost nothing.
    pub trial_days: i64,
    /// Whole cycles that must be paid before notice may let it end.
    pub term_cycles: i64,
    /// Days from notice to the earliest end; it ends with a cycle.
    pub notice_days: i64,
    /// For how many cycles after its own an allowance can still be drawn on.
    pub rollover_cycles: i64,
    /// Whether a short cycle grants only the part of its days.
    pub allowances_by_days: bool,
    pub tax_category: String,
    pub allowances: Vec<Allowance>,
    /// Where it may be used; empty means every location of the legal entity.
    pub locations: Vec<LocationId>,
    /// When it lets a member in, on the clock of each house; none is at any time.
    pub access_hours: Option<OpeningHours>,
    /// How many people may use one membership, its holder among them; none is the holder alone. Versions before 4 were for one
    /// person each.
    pub seats: Option<i64>,
    /// Day passes that each cycle grants. Versions before 4 granted hours alone.
    pub day_passes: i64,
    /// Money that each cycle grants, net: it pays for bookings and passes. The price has it in it, with its tax.
    pub money: Option<Money>,
    /// Held for a member while she is one: no supply, so it has no tax.
    pub deposit: Option<Money>,
}

/// The first versions let members in at any time.
fn at_any_time(mut payload: Value) -> Result<Value, &'static str> {
    let fields = payload.as_object_mut().ok_or("it is no object")?;
    fields.insert("access_hours".to_owned(), Value::Null);
    Ok(payload)
}

/// Versions before 3 had monthly cycles, paid in advance, and nothing else to agree on.
fn by_the_month(mut payload: Value) -> Result<Value, &'static str> {
    let fields = payload.as_object_mut().ok_or("it is no object")?;
    fields.insert("length".to_owned(), json!({ "unit": "month" }));
    fields.insert("set_up_fee".to_owned(), Value::Null);
    for name in ["in_arrears", "allowances_by_days"] {
        fields.insert(name.to_owned(), json!(false));
    }
    for name in ["trial_days", "term_cycles", "notice_days", "rollover_cycles"] {
        fields.insert(name.to_owned(), json!(0));
    }
    Ok(payload)
}

/// Versions before 4 were for one person each, granted hours and asked for no deposit.
fn for_one_by_the_hour(mut payload: Value) -> Result<Value, &'static str> {
    let fields = payload.as_object_mut().ok_or("it is no object")?;
    fields.insert("day_passes".to_owned(), json!(0));
    for name in ["seats", "money", "deposit"] {
        fields.insert(name.to_owned(), Value::Null);
    }
    Ok(payload)
}

/// Hours of a resource type that each cycle grants.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Allowance {
    pub resource_type_id: ResourceTypeId,
    pub minutes: i64,
}

impl PlanVersionPublished {
    /// Everything that a whole cycle grants.
    pub fn grants(&self) -> impl Iterator<Item = (Holds, i64)> {
        let hours = self.allowances.iter().map(|allowance| {
            let resource_type_id = allowance.resource_type_id;
            (Holds::Minutes { resource_type_id }, allowance.minutes)
        });
        let money = self.money.map(|money| {
            let currency = money.currency;
            (Holds::Money { currency }, money.minor)
        });
        let passes = (self.day_passes > 0).then_some((Holds::DayPasses, self.day_passes));
        hours.chain(passes).chain(money)
    }

    pub fn covers(&self, location: LocationId) -> bool {
        self.locations.is_empty() || self.locations.contains(&location)
    }

    /// How many people may use one membership at a time, its holder among them.
    pub fn people(&self) -> i64 {
        self.seats.unwrap_or(1).max(1)
    }
}
