use crate::{BookingId, MemberId, ResourceId, SeriesId, event::domain_events};
use jiff::civil::{Date, DateTime};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

domain_events!(
    /// What happened to a series of bookings.
    SeriesEvent, "series", { SeriesBooked = 1, SeriesCancelled = 1 }
);

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct SeriesBooked {
    pub series_id: SeriesId,
    pub member_id: MemberId,
    pub resource_id: ResourceId,
    /// RRULE, as it was asked for.
    pub rule: String,
    /// The first one, in wall time of the house.
    pub starts_at: DateTime,
    pub ends_at: DateTime,
    pub time_zone: String,
    pub bookings: Vec<Occurrence>,
    /// Times of the rule that could not be booked and were left out.
    pub left_out: Vec<LeftOut>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Occurrence {
    pub starts_at: DateTime,
    pub booking_id: BookingId,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct LeftOut {
    pub starts_at: DateTime,
    pub reason: String,
}

/// Those from a day on were given up together.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct SeriesCancelled {
    pub series_id: SeriesId,
    pub from: Date,
    pub bookings: Vec<BookingId>,
}

/// A series, folded from its stream.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Series {
    pub fact: SeriesBooked,
    pub cancelled: Vec<SeriesCancelled>,
}

impl Series {
    pub fn evolve(state: Option<Self>, event: SeriesEvent) -> Option<Self> {
        match event {
            SeriesEvent::SeriesBooked(fact) => Some(Self {
                fact,
                cancelled: Vec::new(),
            }),
            SeriesEvent::SeriesCancelled(fact) => state.map(|mut series| {
                series.cancelled.push(fact);
                series
            }),
        }
    }
}
