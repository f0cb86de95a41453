use crate::{LocationId, Money, PriceRuleId, ResourceId, ResourceTypeId, event::domain_events};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

domain_events!(
    /// What happened to a pricing category.
    ResourceTypeEvent, "resource_type", { ResourceTypeCreated = 1 }
);
domain_events!(
    /// What happened to a bookable thing.
    ResourceEvent, "resource", { ResourceAdded = 1 }
);
domain_events!(
    /// What happened to a price rule.
    PriceRuleEvent, "price_rule", { PriceRulePublished = 1 }
);

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ResourceTypeCreated {
    pub resource_type_id: ResourceTypeId,
    pub name: String,
    pub tax_category: String,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ResourceAdded {
    pub resource_id: ResourceId,
    pub resource_type_id: ResourceTypeId,
    pub location_id: LocationId,
    pub name: String,
    /// People it holds.
    pub capacity: i32,
    /// Set-up and clean-up time that blocks the resource around each booking.
    pub buffer_before_minutes: i32,
    pub buffer_after_minutes: i32,
    pub min_minutes: i32,
    pub max_minutes: i32,
    /// Starts and lengths are multiples of this.
    pub step_minutes: i32,
}

/// A price for a type, by the hour, optionally capped for the day, everywhere its currency is used or at one location.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct PriceRulePublished {
    pub price_rule_id: PriceRuleId,
    pub resource_type_id: ResourceTypeId,
    pub location_id: Option<LocationId>,
    pub per_hour: Money,
    /// No booking costs more than this.
    pub day_cap: Option<Money>,
}
