//! What whoever runs the installation wants to know of all organizations: how the read models follow, which stand still,
//! and what is being rebuilt.
//!
//! Pages connect as a role that sees one organization at a time. The figures are those that the workers wrote down; what
//! a parked organization's reason is, is asked as that organization.

use crate::{App, UseCaseError, projections};
use coterie_eventlog::{Lag, RebuildRow, set_tenant_in_op};
use uuid::Uuid;

/// Parked organizations that are shown.
const SHOWN: usize = 50;

/// All of it, at one moment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Followers {
    pub lags: Vec<Lag>,
    /// Seconds since the workers said so; `None` before any did.
    pub age_seconds: Option<i64>,
    /// The first of those that stand still.
    pub parked: Vec<Parked>,
    /// Under way, or the last of its read model.
    pub rebuilds: Vec<RebuildRow>,
}

/// A projection that stands still in one organization.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Parked {
    pub projection: String,
    pub tenant: Uuid,
    pub slug: String,
    pub position: i64,
    pub reason: String,
}

/// # Errors
/// When the database fails.
pub async fn followers(app: &App) -> Result<Followers, UseCaseError> {
    let reported = coterie_eventlog::reported(&app.pool).await?;
    let mut parked = Vec::new();
    for (projection, tenant, _) in reported.parked.into_iter().take(SHOWN) {
        parked.extend(parked_now(app, tenant, projection).await?);
    }
    Ok(Followers {
        age_seconds: reported.lags.iter().map(|(_, age)| *age).min(),
        lags: reported.lags.into_iter().map(|(lag, _)| lag).collect(),
        parked,
        rebuilds: coterie_eventlog::rebuilds(&app.pool).await?,
    })
}

/// As the organization itself; `None` when it goes on since.
async fn parked_now(app: &App, tenant: Uuid, projection: String) -> Result<Option<Parked>, UseCaseError> {
    let mut tx = app.pool.begin().await?;
    set_tenant_in_op(&mut tx, tenant).await?;
    let checkpoint = coterie_eventlog::checkpoint(&mut tx, tenant, &projection).await?;
    let slug: Option<String> = sqlx::query_scalar("select slug from public.organization where tenant_id = $1")
        .bind(tenant)
        .fetch_optional(&mut *tx)
        .await?;
    tx.commit().await?;
    Ok(checkpoint
        .and_then(|checkpoint| checkpoint.parked)
        .map(|(position, reason)| Parked {
            projection,
            tenant,
            slug: slug.unwrap_or_else(|| tenant.to_string()),
            position,
            reason,
        }))
}

/// Lets a parked projection of one organization go on; false when it was not parked.
///
/// # Errors
/// When the database fails.
pub async fn resume(app: &App, tenant: Uuid, projection: &str) -> Result<bool, UseCaseError> {
    let resumed = coterie_eventlog::resume(&app.pool, tenant, projection).await?;
    if resumed {
        tracing::info!(projection, %tenant, "a parked projection goes on");
    }
    Ok(resumed)
}

/// Asks the rebuild of a read model to stop; false when none is under way.
///
/// # Errors
/// When the database fails.
pub async fn cancel_rebuild(app: &App, projection: &str) -> Result<bool, UseCaseError> {
    if !projections::ALL.contains(&projection) {
        return Ok(false);
    }
    Ok(coterie_eventlog::request_cancel(&app.pool, projection).await?)
}
