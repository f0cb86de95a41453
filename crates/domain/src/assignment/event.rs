use crate::{AssignmentId, LocationId, MemberId, MembershipId, ResourceId, event::domain_events};
use jiff::{Timestamp, civil::Date};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

domain_events!(
    /// What happened to an assignment.
    AssignmentEvent, "assignment", { AssignmentMade = 1, AssignmentEnded = 1 }
);

/// Until when an assignment without a last day holds its resource: longer than anybody books ahead.
pub const OPEN_END: Timestamp = Timestamp::constant(221_845_392_000, 0);

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct AssignmentMade {
    pub assignment_id: AssignmentId,
    pub resource_id: ResourceId,
    pub location_id: LocationId,
    pub membership_id: MembershipId,
    pub member_id: MemberId,
    /// Whole days of the location's clock, both included.
    pub first_day: Date,
    /// Without one it lasts as long as the membership.
    pub last_day: Option<Date>,
    pub starts_at: Timestamp,
    /// When the day after the last one begins.
    pub ends_at: Option<Timestamp>,
    pub time_zone: String,
}

/// It ends after this day. A last day before the first means that it never began.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct AssignmentEnded {
    pub assignment_id: AssignmentId,
    pub last_day: Date,
    pub ends_at: Timestamp,
}

/// An assignment, folded from its stream: its last day is the last one that was said.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Assignment {
    pub fact: AssignmentMade,
    pub ended: bool,
}

impl Assignment {
    pub fn evolve(state: Option<Self>, event: AssignmentEvent) -> Option<Self> {
        match event {
            AssignmentEvent::AssignmentMade(fact) => Some(Self { fact, ended: false }),
            AssignmentEvent::AssignmentEnded(end) => state.map(|assignment| Self {
                fact: AssignmentMade {
                    last_day: Some(end.last_day),
                    ends_at: Some(end.ends_at),
                    ..assignment.fact
                },
                ended: true,
            }),
        }
    }
}

impl AssignmentMade {
    /// The time for which it holds its resource; `None` where it never began.
    pub fn held(&self) -> Option<(Timestamp, Timestamp)> {
        let until = self.ends_at.unwrap_or(OPEN_END);
        (self.starts_at < until).then_some((self.starts_at, until))
    }
}
