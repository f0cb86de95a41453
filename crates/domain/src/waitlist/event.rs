use crate::{BookingId, LocationId, MemberId, ResourceId, WaitlistEntryId, event::domain_events};
use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

domain_events!(
    /// What happened to somebody's place in the line for a time.
    WaitlistEvent, "waitlist", { WaitlistJoined = 2 [1 => nobody_counted], WaitlistOffered = 1, WaitlistEnded = 1 }
);

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct WaitlistJoined {
    pub entry_id: WaitlistEntryId,
    pub member_id: MemberId,
    pub resource_id: ResourceId,
    pub location_id: LocationId,
    pub starts_at: Timestamp,
    pub ends_at: Timestamp,
    /// The time with the buffers that it would have.
    pub blocked_from: Timestamp,
    pub blocked_until: Timestamp,
    pub time_zone: String,
    /// How many would come; `None` where nobody said.
    pub people: Option<i32>,
}

/// At first nobody was asked how many would come.
fn nobody_counted(mut payload: Value) -> Result<Value, &'static str> {
    let fields = payload.as_object_mut().ok_or("it is no object")?;
    fields.insert("people".to_owned(), Value::Null);
    Ok(payload)
}

/// The time became free, and is held for her.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct WaitlistOffered {
    pub entry_id: WaitlistEntryId,
    /// The hold that she can book.
    pub booking_id: BookingId,
    pub expires_at: Timestamp,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct WaitlistEnded {
    pub entry_id: WaitlistEntryId,
    pub why: WaitlistEnd,
}

/// How waiting came to its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum WaitlistEnd {
    /// She booked what was held for her.
    Booked,
    /// She gave up waiting, or what was held for her.
    Left,
    /// She did not book it in time.
    Lapsed,
    /// It never became free.
    Passed,
}

/// A place in the line, folded from its stream.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WaitlistEntry {
    pub fact: WaitlistJoined,
    pub offered: Option<WaitlistOffered>,
    pub ended: Option<WaitlistEnd>,
}

impl WaitlistEntry {
    pub fn evolve(state: Option<Self>, event: WaitlistEvent) -> Option<Self> {
        match event {
            WaitlistEvent::WaitlistJoined(fact) => Some(Self {
                fact,
                offered: None,
                ended: None,
            }),
            WaitlistEvent::WaitlistOffered(fact) => state.map(|entry| Self {
                offered: Some(fact),
                ..entry
            }),
            WaitlistEvent::WaitlistEnded(fact) => state.map(|entry| Self {
                ended: Some(fact.why),
                ..entry
            }),
        }
    }
}
