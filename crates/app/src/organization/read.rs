use crate::{
    App, UseCaseError,
    read::{self, Columns},
};
use coterie_domain::{StaffId, organization::Role};
use jiff::Timestamp;
use sqlx::Row;
use uuid::Uuid;

/// An organization as its pages show it.
#[derive(Debug, Clone, PartialEq)]
pub struct OrganizationInfo {
    pub tenant: Uuid,
    pub name: String,
    pub slug: String,
    pub sandbox: bool,
    /// The test clock of a sandbox.
    pub clock_now: Option<Timestamp>,
    /// Where the clock is being moved to.
    pub clock_target: Option<Timestamp>,
    pub clock_error: Option<String>,
}

/// # Errors
/// When the database fails.
pub async fn by_id(app: &App, tenant: Uuid) -> Result<Option<OrganizationInfo>, UseCaseError> {
    let mut tx = app.pool.begin().await?;
    coterie_eventlog::set_tenant_in_op(&mut tx, tenant).await?;
    let row = sqlx::query(
        "select name, slug, sandbox, clock_now, clock_target, clock_error from organization where tenant_id = $1",
    )
    .bind(tenant)
    .fetch_optional(&mut *tx)
    .await?;
    tx.commit().await?;
    let time = |row: &sqlx::postgres::PgRow, column: &str| -> Result<Option<Timestamp>, sqlx::Error> {
        Ok(row
            .try_get::<Option<jiff_sqlx::Timestamp>, _>(column)?
            .map(jiff_sqlx::Timestamp::to_jiff))
    };
    row.map(|row| {
        Ok(OrganizationInfo {
            tenant,
            name: row.try_get("name")?,
            slug: row.try_get("slug")?,
            sandbox: row.try_get("sandbox")?,
            clock_now: time(&row, "clock_now")?,
            clock_target: time(&row, "clock_target")?,
            clock_error: row.try_get("clock_error")?,
        })
    })
    .transpose()
}

/// The organization that lives at a host name (lower case, no port).
///
/// # Errors
/// When the database fails.
pub async fn by_host(app: &App, host: &str) -> Result<Option<OrganizationInfo>, UseCaseError> {
    let tenant: Option<Uuid> = sqlx::query_scalar("select tenant_id from installation.host where host = $1")
        .bind(host)
        .fetch_optional(&app.pool)
        .await?;
    match tenant {
        Some(tenant) => by_id(app, tenant).await,
        None => Ok(None),
    }
}

/// A member of staff as the list of them shows her.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StaffRow {
    pub staff_id: StaffId,
    pub name: String,
    pub role: Role,
}

/// The most staff and keys of one organization that are shown.
const MAX_LISTED: i64 = 500;

/// Everyone on the staff, by name. It reads the guard itself and so never lags.
///
/// # Errors
/// When the database fails.
pub async fn staff(app: &App, tenant: Uuid) -> Result<Vec<StaffRow>, UseCaseError> {
    let mut tx = read::begin(app, tenant).await?;
    let rows = sqlx::query(
        "select staff_id, name, role from staff where tenant_id = $1 order by lower(name), staff_id limit $2",
    )
    .bind(tenant)
    .bind(MAX_LISTED)
    .fetch_all(&mut *tx)
    .await?;
    rows.iter()
        .map(|row| {
            Ok(StaffRow {
                staff_id: row.id("staff_id")?,
                name: row.try_get("name")?,
                role: row.word("role")?,
            })
        })
        .collect()
}

/// A key of the API without its secret, of which only a hash is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApiKeyRow {
    pub key_id: Uuid,
    pub role: Role,
    /// Wall time.
    pub created_at: Timestamp,
    pub revoked: bool,
}

/// An organization's API keys, the newest first.
///
/// # Errors
/// When the database fails.
pub async fn api_keys(app: &App, tenant: Uuid) -> Result<Vec<ApiKeyRow>, UseCaseError> {
    let rows = sqlx::query(
        "select key_id, role, created_at, revoked_at is not null as revoked from installation.api_key
         where tenant_id = $1 order by created_at desc, key_id limit $2",
    )
    .bind(tenant)
    .bind(MAX_LISTED)
    .fetch_all(&app.pool)
    .await?;
    rows.iter()
        .map(|row| {
            Ok(ApiKeyRow {
                key_id: row.try_get("key_id")?,
                role: row.word("role")?,
                created_at: row.time("created_at")?,
                revoked: row.try_get("revoked")?,
            })
        })
        .collect()
}
