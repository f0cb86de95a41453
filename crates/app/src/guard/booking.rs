//! `reservation`: one row while a booking stands. Nothing ends one but its cancellation; a past one hurts nobody.

use super::shadow::Rows;
use crate::{UseCaseError, operation::decode};
use coterie_domain::{
    BookingId,
    booking::{BookingConfirmed, BookingEvent},
};
use coterie_eventlog::RecordedEvent;
use serde_json::json;
use std::collections::BTreeMap;

#[derive(Default)]
pub(super) struct Reservations(BTreeMap<BookingId, BookingConfirmed>);

impl Reservations {
    pub fn apply(&mut self, event: &RecordedEvent) -> Result<(), UseCaseError> {
        match decode(event)? {
            BookingEvent::BookingConfirmed(fact) => {
                self.0.insert(fact.booking_id, fact);
            }
            BookingEvent::BookingMoved(fact) => {
                self.0.insert(fact.booking_id, fact.now);
            }
            BookingEvent::BookingCancelled(fact) => {
                self.0.remove(&fact.booking_id);
            }
        }
        Ok(())
    }

    pub fn rows(&self, rows: &mut Rows) {
        for (id, fact) in &self.0 {
            rows.push(
                "reservation",
                &json!({
                    "booking_id": id,
                    "resource_id": fact.resource_id,
                    "blocked": format!("[\"{}\",\"{}\")", fact.blocked_from, fact.blocked_until),
                }),
            );
        }
    }
}
