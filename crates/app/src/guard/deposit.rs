//! `deposit_guard`: what was asked for, and what of it paid for invoices or went back.

use super::shadow::Rows;
use crate::{UseCaseError, operation::decode};
use coterie_domain::{
    DepositId,
    deposit::{Deposit, DepositApplied, DepositEvent},
};
use coterie_eventlog::RecordedEvent;
use serde_json::json;
use std::collections::BTreeMap;

#[derive(Default)]
pub(super) struct Deposits(BTreeMap<DepositId, Deposit>);

impl Deposits {
    /// Folds an event; what it paid of an invoice comes back.
    pub fn apply(&mut self, event: &RecordedEvent) -> Result<Option<DepositApplied>, UseCaseError> {
        let fact: DepositEvent = decode(event)?;
        let applied = match &fact {
            DepositEvent::DepositApplied(applied) => Some(applied.clone()),
            _ => None,
        };
        let id = DepositId(event.stream_id);
        if let Some(next) = Deposit::evolve(self.0.remove(&id), fact) {
            self.0.insert(id, next);
        }
        Ok(applied)
    }

    pub fn rows(&self, rows: &mut Rows) {
        for deposit in self.0.values() {
            let fact = &deposit.fact;
            let row = json!({
                "deposit_id": fact.deposit_id, "membership_id": fact.membership_id, "member_id": fact.member_id,
                "invoice_id": fact.invoice_id, "legal_entity_id": fact.legal_entity_id,
                "payer_kind": fact.payer.kind(), "payer_id": fact.payer.id(), "currency": fact.amount.currency,
                "amount_minor": fact.amount.minor, "applied_minor": deposit.applied_minor,
                "returned_minor": deposit.returned_minor,
            });
            rows.push("deposit_guard", &row);
        }
    }
}
