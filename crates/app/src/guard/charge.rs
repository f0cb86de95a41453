//! `charge_guard`: charges, and the invoice that took each.

use super::shadow::Rows;
use crate::{UseCaseError, operation::decode};
use coterie_domain::{
    ChargeId, InvoiceId, LegalEntityId, MembershipId, charge::ChargeEvent, credit_note::CreditNoteIssued,
    invoice::InvoiceEvent,
};
use coterie_eventlog::RecordedEvent;
use jiff::civil::Date;
use serde::Serialize;
use std::collections::BTreeMap;
use uuid::Uuid;

#[derive(Serialize)]
struct Row {
    charge_id: ChargeId,
    kind: &'static str,
    payer_kind: &'static str,
    payer_id: Uuid,
    legal_entity_id: LegalEntityId,
    membership_id: Option<MembershipId>,
    service_from: Date,
    billable_on: Date,
    invoice_id: Option<InvoiceId>,
    voided: bool,
    version: i64,
    gives_back: Option<ChargeId>,
}

#[derive(Default)]
pub(super) struct Charges(BTreeMap<ChargeId, Row>);

impl Charges {
    pub fn apply(&mut self, event: &RecordedEvent) -> Result<(), UseCaseError> {
        match decode(event)? {
            ChargeEvent::ChargeMade(fact) => {
                let row = Row {
                    charge_id: fact.charge_id,
                    kind: fact.kind.name(),
                    payer_kind: fact.payer.kind(),
                    payer_id: fact.payer.id(),
                    legal_entity_id: fact.legal_entity_id,
                    membership_id: fact.membership_id,
                    service_from: fact.service_from,
                    billable_on: fact.billable_on,
                    invoice_id: None,
                    voided: false,
                    version: event.version,
                    gives_back: fact.gives_back,
                };
                self.0.insert(fact.charge_id, row);
            }
            ChargeEvent::ChargeVoided(fact) => {
                if let Some(row) = self.0.get_mut(&fact.charge_id) {
                    row.voided = true;
                    row.version = event.version;
                }
            }
        }
        Ok(())
    }

    /// An invoice takes the charges of its lines.
    pub fn invoiced(&mut self, event: &RecordedEvent) -> Result<(), UseCaseError> {
        let InvoiceEvent::InvoiceIssued(fact) = decode(event)?;
        for line in &fact.lines {
            if let Some(row) = self.0.get_mut(&line.charge_id) {
                row.invoice_id = Some(fact.invoice_id);
            }
        }
        Ok(())
    }

    /// Charges that are to be billed again wait for another invoice.
    pub fn credited(&mut self, note: &CreditNoteIssued) {
        for id in &note.bill_again {
            if let Some(row) = self.0.get_mut(id) {
                row.invoice_id = None;
            }
        }
    }

    pub fn rows(&self, rows: &mut Rows) {
        for row in self.0.values() {
            rows.push("charge_guard", row);
        }
    }
}
