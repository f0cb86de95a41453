use crate::{FloorId, LocationId, event::domain_events};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

domain_events!(
    /// What happened to a floor.
    FloorEvent, "floor", { FloorAdded = 1, FloorRenamed = 1, FloorPlanSet = 1 }
);

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct FloorAdded {
    pub floor_id: FloorId,
    pub location_id: LocationId,
    pub name: String,
    /// 0 is the ground floor, -1 the one below it.
    pub level: i32,
}

/// It has another name or level.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct FloorRenamed {
    pub floor_id: FloorId,
    pub name: String,
    pub level: i32,
}

/// It has a plan from now on. The drawing itself is kept beside the log, under this digest.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct FloorPlanSet {
    pub floor_id: FloorId,
    /// SHA-256 of the drawing as it is shown, in hexadecimal.
    pub sha256: String,
    /// Its height for each thousand of its width.
    pub height_per_mille: i32,
}

/// A floor, folded from its events.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Floor {
    pub fact: FloorAdded,
    pub plan: Option<FloorPlanSet>,
}

impl Floor {
    pub fn evolve(state: Option<Self>, event: FloorEvent) -> Option<Self> {
        match event {
            FloorEvent::FloorAdded(fact) => Some(Self { fact, plan: None }),
            FloorEvent::FloorRenamed(new) => state.map(|floor| Self {
                fact: FloorAdded {
                    name: new.name,
                    level: new.level,
                    ..floor.fact
                },
                ..floor
            }),
            FloorEvent::FloorPlanSet(plan) => state.map(|floor| Self {
                plan: Some(plan),
                ..floor
            }),
        }
    }
}
