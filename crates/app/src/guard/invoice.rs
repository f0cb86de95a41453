//! `invoice_guard`: what is open on an invoice, and which attempt is at it; `credited_line`: what credit notes took back of it.

use super::shadow::Rows;
use crate::{UseCaseError, operation::decode};
use coterie_domain::{
    ChargeId, InvoiceId, LegalEntityId, PaymentId,
    credit_note::CreditNoteIssued,
    deposit::DepositApplied,
    invoice::InvoiceEvent,
    payment::{Payment, PaymentEvent, PaymentState},
};
use coterie_eventlog::RecordedEvent;
use serde::Serialize;
use serde_json::json;
use std::collections::BTreeMap;
use uuid::Uuid;

#[derive(Serialize)]
struct Row {
    invoice_id: InvoiceId,
    legal_entity_id: LegalEntityId,
    payer_kind: &'static str,
    payer_id: Uuid,
    currency: String,
    gross_minor: i64,
    open_minor: i64,
    live_payment_id: Option<PaymentId>,
    last_payment_id: Option<PaymentId>,
    intent_id: Option<String>,
    attempts: i32,
}

#[derive(Default)]
pub(super) struct Invoices {
    rows: BTreeMap<InvoiceId, Row>,
    credited: BTreeMap<(InvoiceId, ChargeId), i64>,
    payments: BTreeMap<Uuid, Payment>,
}

impl Invoices {
    pub fn issued(&mut self, event: &RecordedEvent) -> Result<(), UseCaseError> {
        let InvoiceEvent::InvoiceIssued(fact) = decode(event)?;
        let row = Row {
            invoice_id: fact.invoice_id,
            legal_entity_id: fact.legal_entity_id,
            payer_kind: fact.payer.kind(),
            payer_id: fact.payer.id(),
            currency: fact.currency.code().to_owned(),
            gross_minor: fact.gross_minor,
            open_minor: fact.gross_minor,
            live_payment_id: None,
            last_payment_id: None,
            intent_id: None,
            attempts: 0,
        };
        self.rows.insert(fact.invoice_id, row);
        Ok(())
    }

    /// What an attempt's event does to its invoice, as `payment/attempt.rs` and `payment/record.rs` do it. The attempt
    /// comes back.
    pub fn paid(&mut self, event: &RecordedEvent) -> Result<Option<&Payment>, UseCaseError> {
        let fact: PaymentEvent = decode(event)?;
        let before = self.payments.remove(&event.stream_id);
        let Some(next) = Payment::evolve(before, fact.clone()) else {
            return Ok(None);
        };
        let id = next.fact.payment_id;
        if let Some(row) = self.rows.get_mut(&next.fact.invoice_id) {
            match &fact {
                PaymentEvent::PaymentAttempted(_) => {
                    row.live_payment_id = Some(id);
                    row.last_payment_id = Some(id);
                    row.intent_id.clone_from(&next.fact.intent_id);
                    row.attempts += 1;
                }
                other => {
                    if let PaymentEvent::PaymentSettled(settled) = other
                        && settled.amount.currency == next.fact.amount.currency
                    {
                        row.open_minor -= settled.amount.minor.min(row.open_minor);
                    }
                    row.live_payment_id = row.live_payment_id.filter(|live| *live != id || next.state.live());
                    row.intent_id = if next.state == PaymentState::Canceled {
                        None
                    } else {
                        next.intent_id.clone().or(row.intent_id.take())
                    };
                }
            }
        }
        Ok(Some(self.payments.entry(event.stream_id).or_insert(next)))
    }

    /// A deposit paid for it, or for a part.
    pub fn paid_from_deposit(&mut self, applied: &DepositApplied) {
        if let Some(row) = self.rows.get_mut(&applied.invoice_id) {
            row.open_minor -= applied.amount.minor;
        }
    }

    pub fn credited(&mut self, note: &CreditNoteIssued) {
        if let Some(row) = self.rows.get_mut(&note.invoice_id) {
            row.open_minor -= note.settled_minor;
        }
        for line in &note.lines {
            *self.credited.entry((note.invoice_id, line.charge_id)).or_default() += line.net_minor;
        }
    }

    pub fn rows(&self, rows: &mut Rows) {
        for row in self.rows.values() {
            rows.push("invoice_guard", row);
        }
        for ((invoice, charge), net_minor) in &self.credited {
            let row = json!({ "invoice_id": invoice, "charge_id": charge, "net_minor": net_minor });
            rows.push("credited_line", &row);
        }
    }
}
