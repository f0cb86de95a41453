//! `visitor_booking`: visits that are not over, by the digest of the address that was typed.

use super::{member::hex, shadow::Rows};
use crate::{UseCaseError, operation::decode, secret::SecretKey};
use coterie_domain::{
    VisitorBookingId,
    member::MemberEvent,
    visitor_booking::{VisitorBooking, VisitorStanding},
};
use coterie_eventlog::RecordedEvent;
use serde_json::json;
use std::collections::BTreeMap;
use uuid::Uuid;

pub(super) struct Visits {
    secret: SecretKey,
    /// Addresses of visitors who may have one open.
    addresses: BTreeMap<Uuid, String>,
    open: BTreeMap<VisitorBookingId, VisitorBooking>,
    /// What came to nothing, should money come for it all the same, and what is paid, should it be given up.
    closed: BTreeMap<VisitorBookingId, VisitorBooking>,
}

impl Visits {
    pub fn new(secret: SecretKey) -> Self {
        Self {
            secret,
            addresses: BTreeMap::new(),
            open: BTreeMap::new(),
            closed: BTreeMap::new(),
        }
    }

    pub fn member(&mut self, event: &RecordedEvent) -> Result<(), UseCaseError> {
        match decode(event)? {
            MemberEvent::VisitorRegistered(fact) => drop(self.addresses.insert(fact.member_id.0, fact.email)),
            MemberEvent::MemberForgotten(fact) => drop(self.addresses.remove(&fact.member_id.0)),
            _ => {}
        }
        Ok(())
    }

    pub fn apply(&mut self, event: &RecordedEvent) -> Result<(), UseCaseError> {
        let id = VisitorBookingId(event.stream_id);
        let before = self.open.remove(&id).or_else(|| self.closed.remove(&id));
        if let Some(next) = VisitorBooking::evolve(before, decode(event)?) {
            match next.standing {
                VisitorStanding::Lapsed | VisitorStanding::Paid(_) => drop(self.closed.insert(id, next)),
                _ if next.live() => drop(self.open.insert(id, next)),
                _ => {}
            }
        }
        Ok(())
    }

    pub fn rows(&self, tenant: Uuid, rows: &mut Rows) {
        for (id, visit) in &self.open {
            // Of one that had lapsed the address is forgotten, and its row has none.
            let hmac = self
                .addresses
                .get(&visit.fact.member_id.0)
                .map_or_else(Vec::new, |email| self.secret.email_hmac(tenant, email));
            rows.push(
                "visitor_booking",
                &json!({
                    "visitor_booking_id": id,
                    "booking_id": visit.fact.booking_id,
                    "member_id": visit.fact.member_id,
                    "account_id": visit.fact.account_id,
                    "email_hmac": hex(&hmac),
                    "session_id": visit.page.as_ref().map(|page| &page.session_id),
                    "refund_due": visit.due_back().is_some(),
                }),
            );
        }
    }
}
