//! Credit notes, projected as issued.

use crate::projections::{fact, insert_rows, payload};
use coterie_domain::{CreditNoteId, Currency, InvoiceId, LegalEntityId, credit_note::CreditNoteEvent};
use coterie_eventlog::{FollowError, RecordedEvent};
use jiff::civil::Date;
use serde::Serialize;
use serde_json::value::RawValue;
use sqlx::PgConnection;
use uuid::Uuid;

#[derive(Serialize)]
struct CreditNoteView<'a> {
    tenant_id: Uuid,
    credit_note_id: CreditNoteId,
    number: String,
    invoice_id: InvoiceId,
    legal_entity_id: LegalEntityId,
    payer_kind: &'static str,
    payer_id: Uuid,
    issue_date: Date,
    currency: Currency,
    net_minor: i64,
    tax_minor: i64,
    gross_minor: i64,
    document: &'a RawValue,
    document_version: i16,
    position: i64,
}

pub(crate) async fn project_in_op(
    conn: &mut PgConnection,
    tenant: Uuid,
    batch: &[RecordedEvent],
) -> Result<(), FollowError> {
    let mut rows = Vec::new();
    for event in batch.iter().filter(|event| event.category == "credit_note") {
        let CreditNoteEvent::CreditNoteIssued(fact) = fact(event)?;
        rows.push(CreditNoteView {
            tenant_id: tenant,
            credit_note_id: fact.credit_note_id,
            number: fact.number,
            invoice_id: fact.invoice_id,
            legal_entity_id: fact.legal_entity_id,
            payer_kind: fact.payer.kind(),
            payer_id: fact.payer.id(),
            issue_date: fact.issue_date,
            currency: fact.currency,
            net_minor: fact.net_minor,
            tax_minor: fact.tax_minor,
            gross_minor: fact.gross_minor,
            document: payload(event)?,
            document_version: event.event_version,
            position: event.position,
        });
    }
    insert_rows!(conn, "credit_note_view", rows);
    Ok(())
}
