use crate::{App, UseCaseError};
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
