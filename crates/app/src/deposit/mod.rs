//! Deposits: asked for when a membership begins, held, applied to open invoices, given back.

mod apply;
mod give_back;
pub mod page;
mod request;

pub use apply::*;
pub use give_back::*;
pub(crate) use request::request_in_op;

use crate::{Operation, UseCaseError, credit_note::credited_in_op, payment::lock_invoice};
use coterie_domain::{
    DepositId, LegalEntityId,
    charge::SourceRef,
    deposit::{Deposit, DepositEvent},
    local_time,
};
use jiff::civil::Date;

/// A deposit whose row and whose document's row are locked, in this order, which is everybody's.
#[expect(clippy::struct_field_names, reason = "amounts are named with their unit everywhere")]
struct Held {
    deposit: Deposit,
    /// Of its stream.
    version: i64,
    held_minor: i64,
}

impl Held {
    /// The event that comes next in its stream.
    fn source(&self, event_type: &str) -> SourceRef {
        SourceRef {
            category: "deposit".to_owned(),
            stream_id: self.deposit.fact.deposit_id.0,
            version: self.version + 1,
            event_type: event_type.to_owned(),
        }
    }
}

async fn lock_in_op(op: &mut Operation, id: DepositId) -> Result<Held, UseCaseError> {
    let tenant = op.tenant();
    sqlx::query("select 1 from deposit_guard where tenant_id = $1 and deposit_id = $2 for update")
        .bind(tenant)
        .bind(id.0)
        .fetch_optional(op.conn())
        .await?
        .ok_or(UseCaseError::NotFound)?;
    let (deposit, version) = op
        .load::<DepositEvent, Deposit>(id.0, Deposit::evolve)
        .await?
        .ok_or(UseCaseError::NotFound)?;
    let asked = lock_invoice(op, deposit.fact.invoice_id).await?;
    let credited: i64 = credited_in_op(op, deposit.fact.invoice_id).await?.values().sum();
    Ok(Held {
        held_minor: deposit.held_minor(asked.open_minor, credited),
        deposit,
        version,
    })
}

/// Today where the legal entity keeps its books.
async fn today_of(op: &mut Operation, entity: LegalEntityId) -> Result<Date, UseCaseError> {
    let catalogue = op.catalogue().await?;
    let zone = local_time::zone(&catalogue.legal_entity(entity)?.fact.time_zone)?;
    Ok(local_time::day_at(op.now, &zone))
}
