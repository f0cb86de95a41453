//! Charges, projected: made, taken back, or taken by an invoice.

use crate::projections::{fact, insert_rows, payload};
use coterie_domain::{
    ChargeId, LegalEntityId, charge::ChargeEvent, credit_note::CreditNoteEvent, invoice::InvoiceEvent,
};
use coterie_eventlog::{FollowError, RecordedEvent};
use jiff::civil::Date;
use serde::Serialize;
use serde_json::value::RawValue;
use sqlx::PgConnection;
use uuid::Uuid;

#[derive(Serialize)]
struct ChargeView<'a> {
    tenant_id: Uuid,
    charge_id: ChargeId,
    payer_kind: &'static str,
    payer_id: Uuid,
    legal_entity_id: LegalEntityId,
    billable_on: Date,
    invoice_id: Option<Uuid>,
    voided: bool,
    document: &'a RawValue,
    position: i64,
    changed_position: i64,
}

/// Charges, and what became of them.
struct Change {
    position: i64,
    charges: Vec<Uuid>,
    what: Became,
}

enum Became {
    Voided,
    Invoiced(Uuid),
    /// A credit note took them off their invoice, and they wait for another.
    Open,
}

pub(crate) async fn project_in_op(
    conn: &mut PgConnection,
    tenant: Uuid,
    batch: &[RecordedEvent],
) -> Result<(), FollowError> {
    let (mut rows, mut changes) = (Vec::new(), Vec::new());
    for event in batch {
        let position = event.position;
        match event.category.as_str() {
            "charge" => match fact(event)? {
                ChargeEvent::ChargeMade(fact) => rows.push(ChargeView {
                    tenant_id: tenant,
                    charge_id: fact.charge_id,
                    payer_kind: fact.payer.kind(),
                    payer_id: fact.payer.id(),
                    legal_entity_id: fact.legal_entity_id,
                    billable_on: fact.billable_on,
                    invoice_id: None,
                    voided: false,
                    document: payload(event)?,
                    position,
                    changed_position: position,
                }),
                ChargeEvent::ChargeVoided(fact) => changes.push(Change {
                    position,
                    charges: vec![fact.charge_id.0],
                    what: Became::Voided,
                }),
            },
            "invoice" => {
                let InvoiceEvent::InvoiceIssued(fact) = fact(event)?;
                changes.push(Change {
                    position,
                    charges: fact.lines.iter().map(|line| line.charge_id.0).collect(),
                    what: Became::Invoiced(fact.invoice_id.0),
                });
            }
            "credit_note" => {
                let CreditNoteEvent::CreditNoteIssued(fact) = fact(event)?;
                changes.push(Change {
                    position,
                    charges: fact.bill_again.iter().map(|id| id.0).collect(),
                    what: Became::Open,
                });
            }
            _ => {}
        }
    }
    insert_rows!(conn, "charge_view", rows);
    for change in changes {
        let (invoice, voided, open) = match change.what {
            Became::Voided => (None, true, false),
            Became::Invoiced(id) => (Some(id), false, false),
            Became::Open => (None, false, true),
        };
        sqlx::query(
            "update charge_view
             set invoice_id = case when $6 then null else coalesce($4, invoice_id) end, voided = voided or $5, changed_position = $3
             where tenant_id = $1 and charge_id = any($2) and changed_position < $3",
        )
        .bind(tenant)
        .bind(change.charges)
        .bind(change.position)
        .bind(invoice)
        .bind(voided)
        .bind(open)
        .execute(&mut *conn)
        .await?;
    }
    Ok(())
}
