//! The journal, projected: each entry whole, and each of its postings for sums.

use crate::projections::{fact, insert_rows, payload};
use coterie_domain::{
    Currency, InvoiceId, JournalEntryId, LegalEntityId, Payer,
    ledger::{JournalEvent, LedgerAccount},
};
use coterie_eventlog::{FollowError, RecordedEvent};
use jiff::{Timestamp, civil::Date};
use serde::Serialize;
use serde_json::value::RawValue;
use sqlx::PgConnection;
use uuid::Uuid;

#[derive(Serialize)]
struct JournalView<'a> {
    tenant_id: Uuid,
    entry_id: JournalEntryId,
    legal_entity_id: LegalEntityId,
    effective_date: Date,
    period: String,
    currency: Currency,
    source_stream_id: Uuid,
    document: &'a RawValue,
    occurred_at: Timestamp,
    position: i64,
}

#[derive(Serialize)]
struct PostingView {
    tenant_id: Uuid,
    entry_id: JournalEntryId,
    line: usize,
    legal_entity_id: LegalEntityId,
    account: LedgerAccount,
    amount_minor: i64,
    currency: Currency,
    effective_date: Date,
    payer_id: Option<Uuid>,
    invoice_id: Option<InvoiceId>,
}

pub(crate) async fn project_in_op(
    conn: &mut PgConnection,
    tenant: Uuid,
    batch: &[RecordedEvent],
) -> Result<(), FollowError> {
    let (mut entries, mut postings) = (Vec::new(), Vec::new());
    for event in batch.iter().filter(|event| event.category == "journal") {
        let JournalEvent::JournalEntryPosted(fact) = fact(event)?;
        postings.extend(fact.postings.iter().zip(1..).map(|(posting, line)| PostingView {
            tenant_id: tenant,
            entry_id: fact.entry_id,
            line,
            legal_entity_id: fact.legal_entity_id,
            account: posting.account,
            amount_minor: posting.amount_minor,
            currency: fact.currency,
            effective_date: fact.effective_date,
            payer_id: posting.payer.map(Payer::id),
            invoice_id: posting.invoice_id,
        }));
        entries.push(JournalView {
            tenant_id: tenant,
            entry_id: fact.entry_id,
            legal_entity_id: fact.legal_entity_id,
            effective_date: fact.effective_date,
            period: fact.period,
            currency: fact.currency,
            source_stream_id: fact.source.stream_id,
            document: payload(event)?,
            occurred_at: event.occurred_at,
            position: event.position,
        });
    }
    insert_rows!(conn, "journal_view", entries);
    insert_rows!(conn, "posting_view", postings);
    Ok(())
}
