//! What waits for the next invoice.

use crate::{
    App, UseCaseError,
    read::{self, Columns},
};
use coterie_domain::{MemberId, Payer, charge::ChargeMade};
use sqlx::{Row, postgres::PgRow};
use uuid::Uuid;

/// The most open charges of one payer that are shown.
const MAX_OPEN: i64 = 500;

#[derive(Debug, Clone, PartialEq)]
pub struct ChargeRow {
    pub charge: ChargeMade,
    pub position: i64,
}

/// A payer's charges that are on no invoice yet, by the day from which they can be billed.
///
/// # Errors
/// When the database fails.
pub async fn open_for_payer(app: &App, tenant: Uuid, payer: Payer) -> Result<Vec<ChargeRow>, UseCaseError> {
    let mut tx = read::begin(app, tenant).await?;
    let rows = sqlx::query(
        "select document, position from charge_view
         where tenant_id = $1 and payer_id = $2 and payer_kind = $3 and invoice_id is null and not voided
         order by billable_on, position limit $4",
    )
    .bind(tenant)
    .bind(payer.id())
    .bind(payer.kind())
    .bind(MAX_OPEN)
    .fetch_all(&mut *tx)
    .await?;
    rows.iter().map(row).collect()
}

fn row(row: &PgRow) -> Result<ChargeRow, UseCaseError> {
    Ok(ChargeRow {
        charge: row.document("document")?,
        position: row.try_get("position")?,
    })
}

/// Charges that are on no invoice yet, of one member or of all, whoever pays: the last made first.
///
/// # Errors
/// When the database fails.
pub async fn open(app: &App, tenant: Uuid, member: Option<MemberId>) -> Result<Vec<ChargeRow>, UseCaseError> {
    let mut tx = read::begin(app, tenant).await?;
    let rows = sqlx::query(
        "select document, position from charge_view
         where tenant_id = $1 and invoice_id is null and not voided and ($2::uuid is null or (document->>'member_id')::uuid = $2)
         order by position desc limit $3",
    )
    .bind(tenant)
    .bind(member.map(|id| id.0))
    .bind(MAX_OPEN)
    .fetch_all(&mut *tx)
    .await?;
    rows.iter().map(row).collect()
}
