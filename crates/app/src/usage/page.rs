//! What was used, read from the guard itself, so that it never lags.

use super::{COLUMNS, used};
use crate::{
    App, UseCaseError,
    read::{self, Columns},
};
use coterie_domain::{ChargeId, MemberId, usage::Used};
use sqlx::{AssertSqlSafe, Row};
use uuid::Uuid;

/// The most that are listed.
const MOST: i64 = 500;

#[derive(Debug, Clone, PartialEq)]
pub struct UsageRow {
    pub used: Used,
    pub member_name: String,
    /// The charge that took it; none while it waits for the billing day.
    pub charge_id: Option<ChargeId>,
}

/// The latest usage, of one member or of all; `waiting` leaves out what is charged.
///
/// # Errors
/// When the database fails.
pub async fn latest(
    app: &App,
    tenant: Uuid,
    member: Option<MemberId>,
    waiting: bool,
) -> Result<Vec<UsageRow>, UseCaseError> {
    let mut tx = read::begin(app, tenant).await?;
    let columns: Vec<String> = COLUMNS.split(", ").map(|column| format!("u.{column}")).collect();
    let sql = format!(
        "select {}, u.charge_id, coalesce(m.name, '') as member_name from usage_guard u
         left join member_view m on m.tenant_id = u.tenant_id and m.member_id = u.member_id
         where u.tenant_id = $1 and ($2::uuid is null or u.member_id = $2) and (not $3 or u.charge_id is null)
         order by u.used_on desc, u.event_id limit $4",
        columns.join(", ")
    );
    let rows = sqlx::query(AssertSqlSafe(sql))
        .bind(tenant)
        .bind(member.map(|id| id.0))
        .bind(waiting)
        .bind(MOST)
        .fetch_all(&mut *tx)
        .await?;
    rows.iter()
        .map(|row| {
            Ok(UsageRow {
                used: used(row)?,
                member_name: row.try_get("member_name")?,
                charge_id: row.maybe_id("charge_id")?,
            })
        })
        .collect()
}
