//! Collecting invoices: an attempt is written before anything leaves the house, its outcome after (payments.md).

mod attempt;
pub mod page;
mod project;
mod record;
mod up_front;

pub use attempt::*;
pub(crate) use project::project_in_op;
pub use record::*;
pub(crate) use up_front::*;

use crate::{Operation, UseCaseError};
use coterie_domain::{
    InvoiceId, LegalEntityId, Payer, PaymentId,
    payment::{Payment, PaymentEvent},
};
use sqlx::Row;
use uuid::Uuid;

/// # Errors
/// `NotFound` when the organization has no such payment.
pub async fn load(op: &mut Operation, id: PaymentId) -> Result<(Payment, i64), UseCaseError> {
    op.load::<PaymentEvent, Payment>(id.0, Payment::evolve)
        .await?
        .ok_or(UseCaseError::NotFound)
}

/// The guard of an invoice's balance.
#[derive(Debug, Clone, PartialEq)]
pub struct InvoiceGuard {
    pub invoice_id: InvoiceId,
    pub legal_entity_id: LegalEntityId,
    pub payer: Payer,
    pub currency: String,
    pub gross_minor: i64,
    pub open_minor: i64,
    /// The attempt that has to end before another may begin.
    pub live: Option<PaymentId>,
    pub last: Option<PaymentId>,
    pub intent_id: Option<String>,
    pub attempts: i32,
}

/// Locks and reads the guard of an invoice's balance.
///
/// # Errors
/// `NotFound` when the organization has no such invoice.
pub async fn lock_invoice(op: &mut Operation, id: InvoiceId) -> Result<InvoiceGuard, UseCaseError> {
    let tenant = op.tenant();
    let row = sqlx::query(
        "select legal_entity_id, payer_kind, payer_id, currency, gross_minor, open_minor, live_payment_id, last_payment_id, intent_id, attempts
         from invoice_guard where tenant_id = $1 and invoice_id = $2 for update",
    )
    .bind(tenant)
    .bind(id.0)
    .fetch_optional(op.conn())
    .await?
    .ok_or(UseCaseError::NotFound)?;
    let kind: String = row.try_get("payer_kind")?;
    let payer = Payer::from_parts(&kind, row.try_get("payer_id")?)
        .ok_or_else(|| UseCaseError::Broken(format!("payer kind {kind}")))?;
    Ok(InvoiceGuard {
        invoice_id: id,
        legal_entity_id: LegalEntityId(row.try_get("legal_entity_id")?),
        payer,
        currency: row.try_get("currency")?,
        gross_minor: row.try_get("gross_minor")?,
        open_minor: row.try_get("open_minor")?,
        live: row.try_get::<Option<Uuid>, _>("live_payment_id")?.map(PaymentId),
        last: row.try_get::<Option<Uuid>, _>("last_payment_id")?.map(PaymentId),
        intent_id: row.try_get("intent_id")?,
        attempts: row.try_get("attempts")?,
    })
}
