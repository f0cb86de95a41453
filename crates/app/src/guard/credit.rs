//! `credit_lot`: what is left of each lot, and its stream's version.

use super::shadow::Rows;
use crate::{UseCaseError, operation::decode};
use coterie_domain::{
    CreditPackId, Currency, LotId, MemberId, MembershipId, ResourceTypeId,
    credit::{CreditEvent, CreditGranted, Earned},
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
    credit_pack_id: Option<CreditPackId>,
    /// Of what was bought, what is not earned.
    value_left: Option<i64>,
}

fn minor(earned: Option<Earned>) -> i64 {
    earned.map_or(0, |earned| earned.amount.minor)
}

#[derive(Default)]
pub(super) struct Lots(BTreeMap<LotId, Row>);

impl Lots {
    pub fn apply(&mut self, event: &RecordedEvent) -> Result<(), UseCaseError> {
        let (lot, moved, earned) = match decode(event)? {
            CreditEvent::CreditGranted(fact) => {
                self.granted(&fact, event.version, false);
                return Ok(());
            }
            CreditEvent::CourtesyGranted(fact) => {
                self.granted(&fact.lot(), event.version, true);
                return Ok(());
            }
            CreditEvent::CreditPackBought(fact) => {
                self.granted(&fact.lot(), event.version, false);
                if let Some(row) = self.0.get_mut(&fact.lot_id) {
                    row.credit_pack_id = Some(fact.credit_pack_id);
                    row.value_left = Some(fact.price.minor);
                }
                return Ok(());
            }
            CreditEvent::CreditUsed(fact) => (fact.lot_id, -fact.amount, minor(fact.earned)),
            // What comes back after the lot lapsed stays in it; no booking can draw on them.
            CreditEvent::CreditRestored(fact) => (fact.lot_id, fact.amount, -minor(fact.earned)),
            CreditEvent::CreditExpired(fact) => (fact.lot_id, -fact.amount, minor(fact.earned)),
            // Nothing of it was used, so all of its price goes.
            CreditEvent::CreditPackTakenBack(fact) => {
                let value = self.0.get(&fact.lot_id).and_then(|row| row.value_left);
                (fact.lot_id, -fact.amount, value.unwrap_or_default())
            }
        };
        if let Some(row) = self.0.get_mut(&lot) {
            row.amount_left += moved;
            row.value_left = row.value_left.map(|value| value - earned);
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
            credit_pack_id: None,
            value_left: None,
        };
        self.0.insert(fact.lot_id, row);
    }

    pub fn rows(&self, rows: &mut Rows) {
        for row in self.0.values() {
            rows.push("credit_lot", row);
        }
    }
}
