//! Credit notes: an issued invoice is corrected by nothing else.

mod issue;
pub mod page;
mod project;

pub use issue::issue;
pub(crate) use issue::issue_in_op;
pub(crate) use project::project_in_op;

use crate::{Operation, UseCaseError};
use coterie_domain::{
    ChargeId, CreditNoteId, InvoiceId,
    credit_note::{CreditNoteEvent, CreditNoteIssued, Credited},
};
use sqlx::Row;

/// A credit note as it was issued; `None` when there is none under this id.
///
/// # Errors
/// When the database fails or an event cannot be read.
pub async fn load(op: &mut Operation, id: CreditNoteId) -> Result<Option<CreditNoteIssued>, UseCaseError> {
    let loaded = op
        .load::<CreditNoteEvent, CreditNoteIssued>(id.0, |_, event| {
            let CreditNoteEvent::CreditNoteIssued(fact) = event;
            Some(fact)
        })
        .await?;
    Ok(loaded.map(|(issued, _)| issued))
}

/// What credit notes have taken back of an invoice's lines. Whoever decides by it holds the invoice's guard.
///
/// # Errors
/// When the database fails.
pub(crate) async fn credited_in_op(op: &mut Operation, invoice: InvoiceId) -> Result<Credited, UseCaseError> {
    let tenant = op.tenant();
    let rows = sqlx::query("select charge_id, net_minor from credited_line where tenant_id = $1 and invoice_id = $2")
        .bind(tenant)
        .bind(invoice.0)
        .fetch_all(op.conn())
        .await?;
    rows.iter()
        .map(|row| Ok((ChargeId(row.try_get("charge_id")?), row.try_get("net_minor")?)))
        .collect()
}
