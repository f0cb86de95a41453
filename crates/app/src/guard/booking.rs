//! `reservation`, `blocker`, `booking_hold`, `waitlist`, `assignment`, `series_booking`: a booking, a hold, a blocker or an
//! assignment has a row for each resource that it takes, while it stands. Nothing ends one but an event; a past one hurts nobody.

use super::shadow::Rows;
use crate::{UseCaseError, alarm::Kind, operation::decode};
use coterie_domain::{
    AssignmentId, BlockerId, BookingId, MemberId, ResourceId, SeriesId, WaitlistEntryId,
    assignment::{Assignment, AssignmentEvent},
    blocker::{BlockerEvent, BlockerPlaced},
    booking::BookingEvent,
    catalogue::Catalogue,
    local_time,
    series::SeriesEvent,
    waitlist::WaitlistEntry,
};
use coterie_eventlog::RecordedEvent;
use jiff::Timestamp;
use serde_json::json;
use std::collections::{BTreeMap, BTreeSet};
use uuid::Uuid;

#[derive(Default)]
pub(super) struct Reservations {
    /// By booking, blocker or assignment.
    held: BTreeMap<Uuid, Held>,
    blockers: BTreeMap<BlockerId, BlockerPlaced>,
    waiting: BTreeMap<WaitlistEntryId, WaitlistEntry>,
    holds: BTreeMap<BookingId, (MemberId, Timestamp)>,
    assignments: BTreeMap<AssignmentId, Assignment>,
    series: BTreeMap<BookingId, (SeriesId, Timestamp)>,
}

struct Held {
    /// As the catalogue had them when it was decided.
    resources: BTreeSet<ResourceId>,
    from: Timestamp,
    until: Timestamp,
}

impl Reservations {
    pub fn booking(&mut self, event: &RecordedEvent, catalogue: &Catalogue) -> Result<(), UseCaseError> {
        let id = BookingId(event.stream_id);
        let fact = match decode(event)? {
            BookingEvent::BookingHeld(fact) => {
                self.holds.insert(id, (fact.as_asked.member_id, fact.expires_at));
                fact.as_asked
            }
            BookingEvent::BookingConfirmed(fact) => {
                self.holds.remove(&id);
                fact
            }
            BookingEvent::BookingMoved(fact) => fact.now,
            BookingEvent::CheckedIn(_) | BookingEvent::GuestInvited(_) | BookingEvent::GuestUninvited(_) => {
                return Ok(());
            }
            BookingEvent::HoldExpired(_)
            | BookingEvent::BookingDeclined(_)
            | BookingEvent::BookingCancelled(_)
            | BookingEvent::NoShowRecorded(_) => {
                self.holds.remove(&id);
                self.held.remove(&id.0);
                return Ok(());
            }
        };
        let held = Held {
            resources: catalogue.occupied_by(fact.resource_id),
            from: fact.blocked_from,
            until: fact.blocked_until,
        };
        self.held.insert(fact.booking_id.0, held);
        Ok(())
    }

    pub fn blocker(&mut self, event: &RecordedEvent, catalogue: &Catalogue) -> Result<(), UseCaseError> {
        match decode(event)? {
            BlockerEvent::BlockerPlaced(fact) => {
                let held = Held {
                    resources: catalogue.occupied_by(fact.resource_id),
                    from: fact.starts_at,
                    until: fact.ends_at,
                };
                self.held.insert(fact.blocker_id.0, held);
                self.blockers.insert(fact.blocker_id, fact);
            }
            BlockerEvent::BlockerLifted(fact) => {
                self.held.remove(&fact.blocker_id.0);
                self.blockers.remove(&fact.blocker_id);
            }
        }
        Ok(())
    }

    pub fn waitlist(&mut self, event: &RecordedEvent) -> Result<(), UseCaseError> {
        let id = WaitlistEntryId(event.stream_id);
        let next = WaitlistEntry::evolve(self.waiting.remove(&id), decode(event)?);
        if let Some(entry) = next.filter(|entry| entry.ended.is_none()) {
            self.waiting.insert(id, entry);
        }
        Ok(())
    }

    pub fn assignment(&mut self, event: &RecordedEvent, catalogue: &Catalogue) -> Result<(), UseCaseError> {
        let event: AssignmentEvent = decode(event)?;
        let id = match &event {
            AssignmentEvent::AssignmentMade(fact) => fact.assignment_id,
            AssignmentEvent::AssignmentEnded(fact) => fact.assignment_id,
        };
        let before = self.assignments.remove(&id);
        let Some(assignment) = Assignment::evolve(before, event) else {
            return Ok(());
        };
        match assignment.fact.held() {
            Some((from, until)) => {
                // An end leaves it the resources that it had.
                let held = self.held.entry(id.0).or_insert_with(|| Held {
                    resources: catalogue.occupied_by(assignment.fact.resource_id),
                    from,
                    until,
                });
                held.until = until;
            }
            None => drop(self.held.remove(&id.0)),
        }
        self.assignments.insert(id, assignment);
        Ok(())
    }

    pub fn series(&mut self, event: &RecordedEvent) -> Result<(), UseCaseError> {
        if let SeriesEvent::SeriesBooked(fact) = decode(event)? {
            let zone = local_time::zone(&fact.time_zone)?;
            for time in &fact.bookings {
                let at = local_time::instant("starts_at", time.starts_at, &zone)?;
                self.series.insert(time.booking_id, (fact.series_id, at));
            }
        }
        Ok(())
    }

    pub fn rows(&self, rows: &mut Rows) {
        for (id, held) in &self.held {
            for resource in &held.resources {
                rows.push(
                    "reservation",
                    &json!({
                        "booking_id": id,
                        "resource_id": resource,
                        "blocked": format!("[\"{}\",\"{}\")", held.from, held.until),
                    }),
                );
            }
        }
        for (id, fact) in &self.blockers {
            rows.push(
                "blocker",
                &json!({
                    "blocker_id": id,
                    "resource_id": fact.resource_id,
                    "location_id": fact.location_id,
                    "starts_at": fact.starts_at,
                    "ends_at": fact.ends_at,
                    "reason": fact.reason,
                }),
            );
        }
        for (id, (member, expires_at)) in &self.holds {
            rows.push(
                "booking_hold",
                &json!({ "booking_id": id, "member_id": member, "expires_at": expires_at }),
            );
        }
        for (id, entry) in &self.waiting {
            let fact = &entry.fact;
            rows.push(
                "waitlist",
                &json!({
                    "entry_id": id,
                    "member_id": fact.member_id,
                    "resource_id": fact.resource_id,
                    "location_id": fact.location_id,
                    "starts_at": fact.starts_at,
                    "ends_at": fact.ends_at,
                    "blocked": format!("[\"{}\",\"{}\")", fact.blocked_from, fact.blocked_until),
                    "booking_id": entry.offered.as_ref().map(|offered| offered.booking_id),
                }),
            );
            let kind = Kind::WaitlistEnd;
            rows.push(
                "alarm",
                &json!({ "kind": kind.name(), "subject_id": id, "due_at": fact.starts_at, "rank": kind.rank() }),
            );
        }
        for (id, assignment) in &self.assignments {
            let fact = &assignment.fact;
            rows.push(
                "assignment",
                &json!({
                    "assignment_id": id,
                    "resource_id": fact.resource_id,
                    "location_id": fact.location_id,
                    "membership_id": fact.membership_id,
                    "member_id": fact.member_id,
                    "first_day": fact.first_day,
                    "last_day": fact.last_day,
                }),
            );
        }
        for (id, (series, at)) in &self.series {
            rows.push(
                "series_booking",
                &json!({ "booking_id": id, "series_id": series, "starts_at": at }),
            );
        }
    }
}
