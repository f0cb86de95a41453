use crate::{LegalEntityId, LocationId, event::domain_events, legal_entity::Address, local_time::OpeningHours};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

domain_events!(
    /// What happened to a location.
    LocationEvent, "location", { LocationOpened = 1 }
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
