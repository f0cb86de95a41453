//! Charges as guards: each waits for one invoice line.

mod billable;
mod given_back;
mod one_off;
pub mod page;
mod project;

pub use billable::*;
pub(crate) use given_back::*;
pub use one_off::{load, one_off, void};
pub(crate) use project::project_in_op;

use crate::{Operation, UseCaseError};
use coterie_domain::{
    ChargeId, JournalEntryId, Payer,
    charge::{ChargeEvent, ChargeMade, ChargeVoided, SourceRef},
    ledger::{self, JournalEvent},
};
use jiff_sqlx::ToSqlx;
use sqlx::Row;

/// Writes a charge, its guard row and what the books record of it.
///
/// # Errors
/// When the database fails; a second recurring charge for the same cycle breaks the guard.
pub async fn make_in_op(op: &mut Operation, charge: &ChargeMade) -> Result<(), UseCaseError> {
    let tenant = op.tenant();
    sqlx::query(
        "insert into charge_guard (tenant_id, charge_id, kind, payer_kind, payer_id, legal_entity_id, membership_id, service_from, billable_on, gives_back)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
    )
    .bind(tenant)
    .bind(charge.charge_id.0)
    .bind(charge.kind.name())
    .bind(charge.payer.kind())
    .bind(charge.payer.id())
    .bind(charge.legal_entity_id.0)
    .bind(charge.membership_id.map(|id| id.0))
    .bind(charge.service_from.to_sqlx())
    .bind(charge.billable_on.to_sqlx())
    .bind(charge.gives_back.map(|id| id.0))
    .execute(op.conn())
    .await?;
    op.write(charge.charge_id.0, 0, [ChargeEvent::from(charge.clone())])?;
    let ids = [op.new_id(), op.new_id()].map(JournalEntryId);
    // Its books, and those of whoever supplied it.
    let entries = [
        ledger::booking_charged(ids[0], charge),
        ledger::used_elsewhere(ids[1], charge),
    ];
    for entry in entries.into_iter().flatten() {
        op.write(entry.entry_id.0, 0, [JournalEvent::from(entry)])?;
    }
    Ok(())
}

/// A charge as it was made, and whether it stands on an issued invoice; locks its guard row.
///
/// # Errors
/// When the database fails or the charge is unknown.
pub async fn lock_in_op(op: &mut Operation, id: ChargeId) -> Result<(ChargeMade, bool), UseCaseError> {
    let tenant = op.tenant();
    let row = sqlx::query("select invoice_id is not null as invoiced from charge_guard where tenant_id = $1 and charge_id = $2 for update")
        .bind(tenant)
        .bind(id.0)
        .fetch_optional(op.conn())
        .await?
        .ok_or_else(|| UseCaseError::Broken(format!("charge {id} has no guard row")))?;
    Ok((made(op, id).await?, row.try_get("invoiced")?))
}

/// # Errors
/// When the stream does not begin with the charge.
pub async fn made(op: &mut Operation, id: ChargeId) -> Result<ChargeMade, UseCaseError> {
    let made = op
        .load::<ChargeEvent, ChargeMade>(id.0, |state, event| match event {
            ChargeEvent::ChargeMade(fact) => Some(fact),
            ChargeEvent::ChargeVoided(_) => state,
        })
        .await?;
    made.map(|(made, _)| made)
        .ok_or_else(|| UseCaseError::Broken(format!("charge {id} has no events")))
}

/// Takes back a charge that is on no invoice, in the books too.
///
/// # Errors
/// When the database fails, or the charge was invoiced meanwhile.
pub async fn void_in_op(
    op: &mut Operation,
    charge: &ChargeMade,
    reason: &str,
    source: SourceRef,
) -> Result<(), UseCaseError> {
    let tenant = op.tenant();
    let voided = sqlx::query("update charge_guard set voided = true, version = version + 1 where tenant_id = $1 and charge_id = $2 and invoice_id is null and not voided")
        .bind(tenant)
        .bind(charge.charge_id.0)
        .execute(op.conn())
        .await?
        .rows_affected();
    if voided != 1 {
        return Err(UseCaseError::Contended("the charge was invoiced at the same moment"));
    }
    op.write(
        charge.charge_id.0,
        1,
        [ChargeEvent::from(ChargeVoided {
            charge_id: charge.charge_id,
            reason: reason.to_owned(),
        })],
    )?;
    let ids = [op.new_id(), op.new_id()].map(JournalEntryId);
    let entries = [
        ledger::charge_voided(ids[0], charge, source.clone()),
        ledger::used_elsewhere_voided(ids[1], charge, source),
    ];
    for entry in entries.into_iter().flatten() {
        op.write(entry.entry_id.0, 0, [JournalEvent::from(entry)])?;
    }
    Ok(())
}

/// Locks and reads what a payer owes one legal entity up to and including a day, oldest first.
///
/// # Errors
/// When the database fails.
pub async fn lock_billable(
    op: &mut Operation,
    payer: Payer,
    entity: coterie_domain::LegalEntityId,
    up_to: jiff::civil::Date,
) -> Result<Vec<ChargeMade>, UseCaseError> {
    let tenant = op.tenant();
    let ids: Vec<uuid::Uuid> = sqlx::query_scalar(
        "select charge_id from charge_guard where tenant_id = $1 and payer_id = $2 and legal_entity_id = $3 and billable_on <= $4
           and invoice_id is null and not voided
         order by charge_id for update",
    )
    .bind(tenant)
    .bind(payer.id())
    .bind(entity.0)
    .bind(up_to.to_sqlx())
    .fetch_all(op.conn())
    .await?;
    let mut charges = Vec::with_capacity(ids.len());
    for id in ids {
        charges.push(made(op, ChargeId(id)).await?);
    }
    sort(&mut charges);
    Ok(charges)
}

/// Recurring prices first, then usage by day, as people expect to read them.
fn sort(charges: &mut [ChargeMade]) {
    charges.sort_by_key(|charge| (!charge.kind.is_deferred(), charge.service_from, charge.charge_id));
}
