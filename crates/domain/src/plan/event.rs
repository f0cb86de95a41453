use crate::{LegalEntityId, LocationId, Money, PlanId, PlanVersionId, ResourceTypeId, event::domain_events};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

domain_events!(
    /// What happened to a plan.
    PlanEvent, "plan", { PlanVersionPublished = 1 }
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
