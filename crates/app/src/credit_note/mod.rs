//! Credit notes: an issued invoice is corrected by nothing else.

mod issue;
pub mod page;
mod project;

pub use issue::*;
pub(crate) use project::project_in_op;

use crate::{Operation, UseCaseError};
use coterie_domain::{ChargeId, InvoiceId, credit_note::Credited};
use sqlx::Row;

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
