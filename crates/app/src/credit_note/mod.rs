//! Credit notes: an issued invoice is corrected by nothing else.

mod issue;
pub mod page;
mod pay_back;
mod project;

pub use issue::issue;
pub(crate) use issue::issue_in_op;
pub use pay_back::pay_back;
pub(crate) use project::project_in_op;

use crate::{Operation, UseCaseError, charge};
use coterie_domain::{
    ChargeId, CreditNoteId, InvoiceId,
    credit_note::{CreditNoteEvent, CreditNoteIssued, Credited},
    invoice::InvoiceIssued,
};
use sqlx::Row;
use std::collections::BTreeSet;
use uuid::Uuid;

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

/// What credit notes took back of some charges, where they stand on invoices now; charges without any are left out. The invoices are
/// locked, so that it stays so until the commit.
///
/// # Errors
/// When the database fails.
pub(crate) async fn lock_credited_of(op: &mut Operation, charges: &[ChargeId]) -> Result<Credited, UseCaseError> {
    let on = charge::invoices_of(op, charges).await?;
    if on.is_empty() {
        return Ok(Credited::new());
    }
    let invoices: BTreeSet<Uuid> = on.values().map(|id| id.0).collect();
    let invoices: Vec<Uuid> = invoices.into_iter().collect();
    sqlx::query(
        "select 1 from invoice_guard where tenant_id = $1 and invoice_id = any($2) order by invoice_id for update",
    )
    .bind(op.tenant())
    .bind(&invoices)
    .fetch_all(op.conn())
    .await?;
    let mut all = Credited::new();
    for invoice in invoices {
        let credited = credited_in_op(op, InvoiceId(invoice)).await?;
        all.extend(
            credited
                .into_iter()
                .filter(|(id, net_minor)| *net_minor != 0 && on.get(id) == Some(&InvoiceId(invoice))),
        );
    }
    Ok(all)
}

/// What was given back of an invoice's lines beside credit notes, because the agreement changed.
///
/// # Errors
/// When the database fails.
pub(crate) async fn given_back_in_op(op: &mut Operation, document: &InvoiceIssued) -> Result<Credited, UseCaseError> {
    let lines: Vec<ChargeId> = document.lines.iter().map(|line| line.charge_id).collect();
    charge::given_back_of(op, &lines).await
}

/// All that came back of an invoice's lines already.
pub(crate) fn together(credited: &Credited, given_back: &Credited) -> Credited {
    let mut all = credited.clone();
    for (id, net_minor) in given_back {
        *all.entry(*id).or_default() += net_minor;
    }
    all
}
