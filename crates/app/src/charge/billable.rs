//! What many payers owe at once, with few queries.

use crate::{Operation, UseCaseError};
use coterie_domain::{
    ChargeId, DomainEvent, LegalEntityId,
    charge::{ChargeEvent, ChargeMade},
};
use jiff::civil::Date;
use jiff_sqlx::ToSqlx;
use sqlx::Row;
use std::collections::BTreeMap;
use uuid::Uuid;

macro_rules! billable {
    ($rest:literal) => {
        concat!(
            "select charge_id from charge_guard where tenant_id = $1 and payer_id = any($2) and legal_entity_id = $3
               and billable_on <= $4 and invoice_id is null and not voided order by charge_id",
            $rest
        )
    };
}

/// Locks and reads what some payers owe one legal entity up to and including a day: each payer's as
/// [`lock_billable`](super::lock_billable) has them. All are locked in the order of their ids before anything else is.
///
/// # Errors
/// When the database fails.
pub async fn lock_billable_of(
    op: &mut Operation,
    payers: &[Uuid],
    entity: LegalEntityId,
    up_to: Date,
) -> Result<BTreeMap<Uuid, Vec<ChargeMade>>, UseCaseError> {
    by_payer(op, billable!(" for update"), payers, entity, up_to).await
}

/// The same for a preview, which holds nobody up.
///
/// # Errors
/// When the database fails.
pub async fn billable_of(
    op: &mut Operation,
    payers: &[Uuid],
    entity: LegalEntityId,
    up_to: Date,
) -> Result<BTreeMap<Uuid, Vec<ChargeMade>>, UseCaseError> {
    by_payer(op, billable!(""), payers, entity, up_to).await
}

async fn by_payer(
    op: &mut Operation,
    query: &'static str,
    payers: &[Uuid],
    entity: LegalEntityId,
    up_to: Date,
) -> Result<BTreeMap<Uuid, Vec<ChargeMade>>, UseCaseError> {
    let tenant = op.tenant();
    let ids: Vec<Uuid> = sqlx::query_scalar(query)
        .bind(tenant)
        .bind(payers)
        .bind(entity.0)
        .bind(up_to.to_sqlx())
        .fetch_all(op.conn())
        .await?;
    let mut owed: BTreeMap<Uuid, Vec<ChargeMade>> = BTreeMap::new();
    for charge in all_made(op, &ids).await? {
        owed.entry(charge.payer.id()).or_default().push(charge);
    }
    Ok(owed)
}

/// Charges as they were made, in the order in which they stand on invoices.
///
/// # Errors
/// When one of them has no events or cannot be read.
pub async fn all_made(op: &mut Operation, ids: &[Uuid]) -> Result<Vec<ChargeMade>, UseCaseError> {
    let tenant = op.tenant();
    // A charge begins with being made, and nothing of it is sealed.
    let rows = sqlx::query(
        "select event_type, event_version, payload::text as payload from event
         where tenant_id = $1 and stream_id = any($2) and version = 1",
    )
    .bind(tenant)
    .bind(ids)
    .fetch_all(op.conn())
    .await?;
    let mut charges = Vec::with_capacity(rows.len());
    for row in &rows {
        let (event_type, payload): (&str, &str) = (row.try_get("event_type")?, row.try_get("payload")?);
        if let ChargeEvent::ChargeMade(fact) = ChargeEvent::decode(event_type, row.try_get("event_version")?, payload)?
        {
            charges.push(fact);
        }
    }
    if charges.len() != ids.len() {
        return Err(UseCaseError::Broken(
            "a charge has a guard row and no events".to_owned(),
        ));
    }
    super::sort(&mut charges);
    Ok(charges)
}

/// Charges by their ids; see [`all_made`].
///
/// # Errors
/// As [`all_made`].
pub async fn made_of(op: &mut Operation, ids: &[ChargeId]) -> Result<Vec<ChargeMade>, UseCaseError> {
    let ids: Vec<Uuid> = ids.iter().map(|id| id.0).collect();
    all_made(op, &ids).await
}
