use crate::{
    LegalEntityId, LocationId, Money, PlanId, PlanVersionId, ResourceTypeId, event::domain_events,
    local_time::OpeningHours, period::CycleLength,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

domain_events!(
    /// What happened to a plan.
    PlanEvent, "plan", { PlanVersionPublished = 4 [1 => at_any_time, 2 => by_the_month, 3 => for_one] }
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
    /// Net price of one cycle.
    pub price: Money,
    pub length: CycleLength,
    /// Day of the month on which cycles begin; 31 means the last day of short months. Cycles that are counted in days begin
    /// with the membership instead.
    pub billing_day: i8,
    /// Whether a cycle is invoiced when it is over rather than when it begins.
    pub in_arrears: bool,
    /// Net, once, when a membership begins.
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
    /// How many people may use one membership, its holder among them; none is the holder alone.
    pub seats: Option<i64>,
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

/// Versions before 4 were for one person each.
fn for_one(mut payload: Value) -> Result<Value, &'static str> {
    let fields = payload.as_object_mut().ok_or("it is no object")?;
    fields.insert("seats".to_owned(), Value::Null);
    Ok(payload)
}

/// Hours of a resource type that each cycle grants.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Allowance {
    pub resource_type_id: ResourceTypeId,
    pub minutes: i64,
}

impl PlanVersionPublished {
    pub fn covers(&self, location: LocationId) -> bool {
        self.locations.is_empty() || self.locations.contains(&location)
    }

    /// How many people may use one membership at a time, its holder among them.
    pub fn people(&self) -> i64 {
        self.seats.unwrap_or(1).max(1)
    }
}
