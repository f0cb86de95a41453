use crate::{
    LegalEntityId, LocationId, Money, PlanId, PlanVersionId, ResourceTypeId, event::domain_events,
    local_time::OpeningHours,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

domain_events!(
    /// What happened to a plan.
    PlanEvent, "plan", { PlanVersionPublished = 2 [1 => at_any_time] }
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
    /// Net price of one monthly cycle.
    pub price: Money,
    /// Day of the month on which cycles begin; 31 means the last day of short months.
    pub billing_day: i8,
    pub tax_category: String,
    pub allowances: Vec<Allowance>,
    /// Where it may be used; empty means every location of the legal entity.
    pub locations: Vec<LocationId>,
    /// When it lets a member in, on the clock of each house; none is at any time.
    pub access_hours: Option<OpeningHours>,
}

/// The first versions let members in at any time.
fn at_any_time(mut payload: Value) -> Result<Value, &'static str> {
    let fields = payload.as_object_mut().ok_or("it is no object")?;
    fields.insert("access_hours".to_owned(), Value::Null);
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
}
