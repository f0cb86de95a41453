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
    /// As the read models know her; empty while they do not.
    pub payer_name: String,
    pub position: i64,
}

macro_rules! select_charges {
    ($rest:literal) => {
        concat!(
            "select v.document, v.position, coalesce(m.name, c.name, '') as payer_name from charge_view v
             left join member_view m on m.tenant_id = v.tenant_id and m.member_id = v.payer_id
             left join company_view c on c.tenant_id = v.tenant_id and c.company_id = v.payer_id
             where v.tenant_id = $1 and v.invoice_id is null and not v.voided ",
            $rest
        )
    };
}

/// A payer's charges that are on no invoice yet, by the day from which they can be billed.
///
/// # Errors
/// When the database fails.
pub async fn open_for_payer(app: &App, tenant: Uuid, payer: Payer) -> Result<Vec<ChargeRow>, UseCaseError> {
    let mut tx = read::begin(app, tenant).await?;
    let rows = sqlx::query(select_charges!(
        "and v.payer_id = $2 and v.payer_kind = $3 order by v.billable_on, v.position limit $4"
    ))
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
        payer_name: row.try_get("payer_name")?,
        position: row.try_get("position")?,
    })
}

/// Charges that are on no invoice yet, of one member or of all, whoever pays: the last made first.
///
/// # Errors
/// When the database fails.
pub async fn open(app: &App, tenant: Uuid, member: Option<MemberId>) -> Result<Vec<ChargeRow>, UseCaseError> {
    let mut tx = read::begin(app, tenant).await?;
    let rows = sqlx::query(select_charges!(
        "and ($2::uuid is null or (v.document->>'member_id')::uuid = $2) order by v.position desc limit $3"
    ))
    .bind(tenant)
    .bind(member.map(|id| id.0))
    .bind(MAX_OPEN)
    .fetch_all(&mut *tx)
    .await?;
    rows.iter().map(row).collect()
}
