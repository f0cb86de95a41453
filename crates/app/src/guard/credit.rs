//! `credit_lot`: what is left of each lot, and its stream's version.

use super::shadow::Rows;
use crate::{UseCaseError, operation::decode};
use coterie_domain::{
    Currency, LotId, MemberId, MembershipId, ResourceTypeId,
    credit::{CreditEvent, CreditGranted},
};
use coterie_eventlog::RecordedEvent;
use jiff::Timestamp;
use serde::Serialize;
use std::collections::BTreeMap;

#[derive(Serialize)]
struct Row {
    lot_id: LotId,
    member_id: MemberId,
    membership_id: MembershipId,
    holds: &'static str,
    resource_type_id: Option<ResourceTypeId>,
    currency: Option<Currency>,
    amount_granted: i64,
    amount_left: i64,
    valid_from: Timestamp,
    valid_until: Timestamp,
    version: i64,
    courtesy: bool,
}

#[derive(Default)]
pub(super) struct Lots(BTreeMap<LotId, Row>);

impl Lots {
    pub fn apply(&mut self, event: &RecordedEvent) -> Result<(), UseCaseError> {
        let (lot, moved) = match decode(event)? {
            CreditEvent::CreditGranted(fact) => {
                self.granted(&fact, event.version, false);
                return Ok(());
            }
            CreditEvent::CourtesyGranted(fact) => {
                self.granted(&fact.lot(), event.version, true);
                return Ok(());
            }
            CreditEvent::CreditUsed(fact) => (fact.lot_id, -fact.amount),
            // What comes back after the lot lapsed stays in it; no booking can draw on them.
            CreditEvent::CreditRestored(fact) => (fact.lot_id, fact.amount),
            CreditEvent::CreditExpired(fact) => (fact.lot_id, -fact.amount),
        };
        if let Some(row) = self.0.get_mut(&lot) {
            row.amount_left += moved;
            row.version = event.version;
        }
        Ok(())
    }

    fn granted(&mut self, fact: &CreditGranted, version: i64, courtesy: bool) {
        let row = Row {
            lot_id: fact.lot_id,
            member_id: fact.member_id,
            membership_id: fact.membership_id,
            holds: fact.holds.name(),
            resource_type_id: fact.holds.resource_type(),
            currency: fact.holds.currency(),
            amount_granted: fact.amount,
            amount_left: fact.amount,
            valid_from: fact.valid_from,
            valid_until: fact.valid_until,
            version,
            courtesy,
        };
        self.0.insert(fact.lot_id, row);
    }

    pub fn rows(&self, rows: &mut Rows) {
        for row in self.0.values() {
            rows.push("credit_lot", row);
        }
    }
}
