//! `reservation`, `blocker`, `series_booking`: a booking or a blocker has a row for each resource that it takes, while it stands.
//! Nothing ends one but its being given up; a past one hurts nobody.

use super::shadow::Rows;
use crate::{UseCaseError, operation::decode};
use coterie_domain::{
    BlockerId, BookingId, ResourceId, SeriesId,
    blocker::{BlockerEvent, BlockerPlaced},
    booking::BookingEvent,
    catalogue::Catalogue,
    local_time,
    series::SeriesEvent,
};
use coterie_eventlog::RecordedEvent;
use jiff::Timestamp;
use serde_json::json;
use std::collections::{BTreeMap, BTreeSet};
use uuid::Uuid;

#[derive(Default)]
pub(super) struct Reservations {
    /// By booking or blocker.
    held: BTreeMap<Uuid, Held>,
    blockers: BTreeMap<BlockerId, BlockerPlaced>,
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
        let fact = match decode(event)? {
            BookingEvent::BookingConfirmed(fact) => fact,
            BookingEvent::BookingMoved(fact) => fact.now,
            BookingEvent::BookingCancelled(fact) => {
                self.held.remove(&fact.booking_id.0);
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
        for (id, (series, at)) in &self.series {
            rows.push(
                "series_booking",
                &json!({ "booking_id": id, "series_id": series, "starts_at": at }),
            );
        }
    }
}
