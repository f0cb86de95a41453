//! What became of charges after they were invoiced: on which invoice they stand, and what was given back of them since.

use super::made;
use crate::{Operation, UseCaseError};
use coterie_domain::{ChargeId, InvoiceId};
use sqlx::Row;
use std::collections::BTreeMap;
use uuid::Uuid;

/// The invoices on which some charges stand; those that wait for one are left out.
///
/// # Errors
/// When the database fails.
pub(crate) async fn invoices_of(
    op: &mut Operation,
    charges: &[ChargeId],
) -> Result<BTreeMap<ChargeId, InvoiceId>, UseCaseError> {
    if charges.is_empty() {
        return Ok(BTreeMap::new());
    }
    let ids: Vec<Uuid> = charges.iter().map(|id| id.0).collect();
    let rows = sqlx::query(
        "select charge_id, invoice_id from charge_guard where tenant_id = $1 and charge_id = any($2) and invoice_id is not null",
    )
    .bind(op.tenant())
    .bind(ids)
    .fetch_all(op.conn())
    .await?;
    rows.iter()
        .map(|row| {
            Ok((
                ChargeId(row.try_get("charge_id")?),
                InvoiceId(row.try_get("invoice_id")?),
            ))
        })
        .collect()
}

/// Net of what was given back of some charges, by the charge, as what it takes off: invoiced already or waiting for it. What a
/// coupon had taken off is a charge of its own.
///
/// # Errors
/// When the database fails.
pub(crate) async fn given_back_of(
    op: &mut Operation,
    charges: &[ChargeId],
) -> Result<BTreeMap<ChargeId, i64>, UseCaseError> {
    let ids: Vec<Uuid> = charges.iter().map(|id| id.0).collect();
    let backs: Vec<Uuid> = sqlx::query_scalar(
        "select charge_id from charge_guard
         where tenant_id = $1 and gives_back = any($2) and not voided and kind = 'recurring_credit'",
    )
    .bind(op.tenant())
    .bind(ids)
    .fetch_all(op.conn())
    .await?;
    let mut of: BTreeMap<ChargeId, i64> = BTreeMap::new();
    for back in backs {
        let back = made(op, ChargeId(back)).await?;
        if let Some(charge) = back.gives_back {
            *of.entry(charge).or_default() -= back.net.minor;
        }
    }
    Ok(of)
}

/// What some charges were, net.
///
/// # Errors
/// When the database fails.
pub(crate) async fn nets_of(op: &mut Operation, charges: &[ChargeId]) -> Result<BTreeMap<ChargeId, i64>, UseCaseError> {
    let mut nets = BTreeMap::new();
    for id in charges {
        nets.insert(*id, made(op, *id).await?.net.minor);
    }
    Ok(nets)
}
