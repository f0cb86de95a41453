use crate::{BlockerId, LocationId, ResourceId, event::domain_events};
use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

domain_events!(
    /// What happened to a blocker.
    BlockerEvent, "blocker", { BlockerPlaced = 1, BlockerLifted = 1 }
);

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct BlockerPlaced {
    pub blocker_id: BlockerId,
    pub resource_id: ResourceId,
    pub location_id: LocationId,
    pub starts_at: Timestamp,
    pub ends_at: Timestamp,
    pub time_zone: String,
    /// Members read it.
    pub reason: String,
}

/// It can be booked again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct BlockerLifted {
    pub blocker_id: BlockerId,
}

/// A blocker, folded from its stream.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Blocker {
    pub fact: BlockerPlaced,
    pub lifted: bool,
}

impl Blocker {
    pub fn evolve(state: Option<Self>, event: BlockerEvent) -> Option<Self> {
        match event {
            BlockerEvent::BlockerPlaced(fact) => Some(Self { fact, lifted: false }),
            BlockerEvent::BlockerLifted(_) => state.map(|blocker| Self {
                lifted: true,
                ..blocker
            }),
        }
    }
}
