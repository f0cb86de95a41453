//! Charges, projected: made, taken back, or taken by an invoice.

use crate::projections::{fact, insert_rows, payload};
use coterie_domain::{ChargeId, LegalEntityId, charge::ChargeEvent, invoice::InvoiceEvent};
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

/// Charges and the invoice that took them; without one they were taken back.
struct Change {
    position: i64,
    charges: Vec<Uuid>,
    invoice: Option<Uuid>,
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
                    invoice: None,
                }),
            },
            "invoice" => {
                let InvoiceEvent::InvoiceIssued(fact) = fact(event)?;
                changes.push(Change {
                    position,
                    charges: fact.lines.iter().map(|line| line.charge_id.0).collect(),
                    invoice: Some(fact.invoice_id.0),
                });
            }
            _ => {}
        }
    }
    insert_rows!(conn, "charge_view", rows);
    for change in changes {
        sqlx::query(
            "update charge_view
             set invoice_id = coalesce($4, invoice_id), voided = voided or $4 is null, changed_position = $3
             where tenant_id = $1 and charge_id = any($2) and changed_position < $3",
        )
        .bind(tenant)
        .bind(change.charges)
        .bind(change.position)
        .bind(change.invoice)
        .execute(&mut *conn)
        .await?;
    }
    Ok(())
}
