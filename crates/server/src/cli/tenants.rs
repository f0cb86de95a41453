//! Which organizations there are: the worker role may look for them across the installation, and for nothing else.

use super::CliError;
use crate::config::Config;
use crate::wiring;
use sqlx::{PgPool, Row};
use uuid::Uuid;

/// Connections of a command that reads one thing after the other.
const CONNECTIONS: u32 = 2;

pub(crate) struct Tenant {
    pub(crate) id: Uuid,
    pub(crate) slug: String,
}

pub(crate) fn worker_pool(config: &Config) -> Result<PgPool, CliError> {
    let url = config
        .worker_url
        .as_ref()
        .ok_or(CliError::Missing("WORKER_DATABASE_URL"))?;
    Ok(wiring::pool(url, CONNECTIONS))
}

/// Every organization, also one that has lost its head. One that has lost its row is named by its id.
pub(crate) async fn all(pool: &PgPool) -> Result<Vec<Tenant>, CliError> {
    let rows = sqlx::query(
        "select tenant_id, coalesce(o.slug, tenant_id::text) as slug
         from public.event_head h full join public.organization o using (tenant_id) order by slug, tenant_id",
    )
    .fetch_all(pool)
    .await?;
    let read = |row: &sqlx::postgres::PgRow| {
        Ok(Tenant {
            id: row.try_get("tenant_id")?,
            slug: row.try_get("slug")?,
        })
    };
    rows.iter().map(read).collect()
}

/// The organizations with this slug; slugs are part of host names, which are unique, so there is one or none.
pub(crate) async fn by_slug(pool: &PgPool, slug: &str) -> Result<Tenant, CliError> {
    let found = all(pool).await?.into_iter().find(|tenant| tenant.slug == slug);
    found.ok_or_else(|| CliError::NoOrganization(slug.to_owned()))
}
