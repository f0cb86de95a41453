use crate::{
    ClosureId, LegalEntityId, LocationId, Money, event::domain_events, legal_entity::Address, local_time::OpeningHours,
    tax::told_net,
};
use jiff::civil::Date;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

domain_events!(
    /// What happened to a location.
    LocationEvent, "location", {
        LocationOpened = 1, OpeningHoursSet = 1, CancellationPolicySet = 1, LocationClosed = 1, ClosureLifted = 1,
        LocationAmenitiesSet = 1,
        DayPassesSet = 2 [1 => told_net]
    }
);

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct LocationOpened {
    pub location_id: LocationId,
    pub legal_entity_id: LegalEntityId,
    pub name: String,
    pub address: Address,
    /// IANA zone of its hours, prices, cut-offs and cycles.
    pub time_zone: String,
    pub hours: OpeningHours,
    pub cancellation: CancellationPolicy,
}

/// Opening hours from now on. Bookings that were made by the earlier ones stand.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct OpeningHoursSet {
    pub location_id: LocationId,
    pub hours: OpeningHours,
}

/// What cancelling costs of bookings made from now on; those made before keep the terms that were shown to them.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct CancellationPolicySet {
    pub location_id: LocationId,
    pub policy: CancellationPolicy,
}

/// Days on which the location is closed whatever its hours say: a holiday, a repair.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct LocationClosed {
    pub closure_id: ClosureId,
    pub location_id: LocationId,
    pub first_day: Date,
    pub last_day: Date,
    pub reason: String,
    /// What the calendar calls it that it was imported from, so that the same calendar changes nothing.
    pub external_id: Option<String>,
}

/// It is open on those days after all.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ClosureLifted {
    pub closure_id: ClosureId,
    pub location_id: LocationId,
}

/// What the location has from now on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct LocationAmenitiesSet {
    pub location_id: LocationId,
    pub amenities: Vec<String>,
}

/// What the location sells of day passes from now on. Passes that were bought before stand as they were bought.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct DayPassesSet {
    pub location_id: LocationId,
    /// In the currency of the location's legal entity.
    pub price: Money,
    /// Whether the price is told with the tax in it. Version 1 was told net.
    pub tax_included: bool,
    /// Passes for one day; none are sold at 0.
    pub capacity: i32,
    pub tax_category: String,
    /// How many days ahead a pass can be bought.
    pub horizon_days: i32,
}

/// How long before the start a cancellation costs what percentage of the price. The longest notice that is met counts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct CancellationPolicy {
    pub steps: Vec<CancellationStep>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct CancellationStep {
    pub at_least_minutes_before: i64,
    pub percent_due: u8,
}

impl Default for CancellationPolicy {
    /// Free until 24 hours before the start, the whole price after.
    fn default() -> Self {
        Self {
            steps: vec![CancellationStep {
                at_least_minutes_before: 24 * 60,
                percent_due: 0,
            }],
        }
    }
}

impl CancellationPolicy {
    /// Percent of the price still due when cancelled this long before the start; the whole price below every step.
    pub fn percent_due(&self, minutes_before: i64) -> u8 {
        self.steps
            .iter()
            .filter(|step| minutes_before >= step.at_least_minutes_before)
            .max_by_key(|step| step.at_least_minutes_before)
            .map_or(100, |step| step.percent_due)
    }
}
