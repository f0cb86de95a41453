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
    make_all_in_op(op, std::slice::from_ref(charge)).await
}

/// Writes charges as [`make_in_op`] does one, with one statement for all guard rows.
///
/// # Errors
/// As [`make_in_op`].
pub async fn make_all_in_op(op: &mut Operation, charges: &[ChargeMade]) -> Result<(), UseCaseError> {
    if charges.is_empty() {
        return Ok(());
    }
    let tenant = op.tenant();
    sqlx::query(
        "insert into charge_guard (tenant_id, charge_id, kind, payer_kind, payer_id, legal_entity_id, membership_id, service_from, billable_on, gives_back)
         select $1, c.* from unnest($2::uuid[], $3::text[], $4::text[], $5::uuid[], $6::uuid[], $7::uuid[], $8::date[], $9::date[], $10::uuid[]) as c",
    )
    .bind(tenant)
    .bind(each(charges, |charge| charge.charge_id.0))
    .bind(each(charges, |charge| charge.kind.name()))
    .bind(each(charges, |charge| charge.payer.kind()))
    .bind(each(charges, |charge| charge.payer.id()))
    .bind(each(charges, |charge| charge.legal_entity_id.0))
    .bind(each(charges, |charge| charge.membership_id.map(|id| id.0)))
    .bind(each(charges, |charge| charge.service_from.to_sqlx()))
    .bind(each(charges, |charge| charge.billable_on.to_sqlx()))
    .bind(each(charges, |charge| charge.gives_back.map(|id| id.0)))
    .execute(op.conn())
    .await?;
    for charge in charges {
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
    }
    Ok(())
}

/// A column of charges.
fn each<T>(charges: &[ChargeMade], column: impl Fn(&ChargeMade) -> T) -> Vec<T> {
    charges.iter().map(column).collect()
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
    let mut owed = lock_billable_of(op, &[payer.id()], entity, up_to).await?.decoded()?;
    Ok(owed.remove(&payer.id()).unwrap_or_default())
}

/// Recurring prices first, then usage by day, as people expect to read them.
fn sort(charges: &mut [ChargeMade]) {
    charges.sort_by_key(|charge| (!charge.kind.is_deferred(), charge.service_from, charge.charge_id));
}
