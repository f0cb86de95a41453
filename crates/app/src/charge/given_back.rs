//! What became of charges after they were invoiced: on which invoice they stand, and what was given back of them since.

use super::made;
use crate::{Operation, UseCaseError};
use coterie_domain::{
    ChargeId, InvoiceId,
    charge::{ChargeKind, ChargeMade},
};
use sqlx::Row;
use std::collections::{BTreeMap, BTreeSet};
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

/// Net of what was given back of some charges, by the charge, as what it takes off: invoiced already or waiting for it. What of a
/// coupon went back with the days is the coupon's, and of which charge it is says the price that it was off.
///
/// # Errors
/// When the database fails.
pub(crate) async fn given_back_of(
    op: &mut Operation,
    charges: &[ChargeId],
) -> Result<BTreeMap<ChargeId, i64>, UseCaseError> {
    let off = taken_off(op, charges).await?;
    let prices = charges.iter().chain(off.keys());
    let ids: BTreeSet<Uuid> = prices.map(|id| id.0).collect();
    let ids: Vec<Uuid> = ids.into_iter().collect();
    let backs: Vec<Uuid> = sqlx::query_scalar(
        "select charge_id from charge_guard where tenant_id = $1 and gives_back = any($2) and not voided",
    )
    .bind(op.tenant())
    .bind(ids)
    .fetch_all(op.conn())
    .await?;
    let mut of: BTreeMap<ChargeId, i64> = BTreeMap::new();
    for back in backs {
        let back = made(op, ChargeId(back)).await?;
        let of_price = back.gives_back;
        let charge = match back.kind {
            ChargeKind::Discount => of_price.and_then(|price| off.get(&price)).map(|off| off.charge_id),
            _ => of_price.filter(|price| charges.contains(price)),
        };
        if let Some(charge) = charge {
            *of.entry(charge).or_default() -= back.net.minor;
        }
    }
    Ok(of)
}

/// What coupons took off prices, where both are among some charges, by the charge of the price.
///
/// # Errors
/// When the database fails.
pub(crate) async fn taken_off(
    op: &mut Operation,
    charges: &[ChargeId],
) -> Result<BTreeMap<ChargeId, ChargeMade>, UseCaseError> {
    let ids: Vec<Uuid> = charges.iter().map(|id| id.0).collect();
    let rows = sqlx::query(
        "select charge_id, kind from charge_guard
         where tenant_id = $1 and charge_id = any($2) and kind in ('recurring', 'discount') and gives_back is null and not voided
         order by charge_id",
    )
    .bind(op.tenant())
    .bind(ids)
    .fetch_all(op.conn())
    .await?;
    let (mut offs, mut prices) = (Vec::new(), Vec::new());
    for row in &rows {
        let id = ChargeId(row.try_get("charge_id")?);
        match row.try_get("kind")? {
            "discount" => offs.push(id),
            _ => prices.push(id),
        }
    }
    if offs.is_empty() {
        return Ok(BTreeMap::new());
    }
    let mut made_prices = Vec::with_capacity(prices.len());
    for price in prices {
        made_prices.push(made(op, price).await?);
    }
    let mut of = BTreeMap::new();
    for off in offs {
        let off = made(op, off).await?;
        if let Some(price) = made_prices.iter().find(|price| off.is_taken_off(price)) {
            of.insert(price.charge_id, off);
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
