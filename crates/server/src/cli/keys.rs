use super::{CliError, tenants};
use crate::config::Config;
use clap::Subcommand;
use coterie_app::secret::Keyring;
use coterie_eventlog::{
    seal::{OpenError, rotate_page_in_op},
    set_tenant_in_op,
};
use sqlx::PgPool;
use std::io::Write;
use uuid::Uuid;

/// Keys wrapped anew in one transaction.
const PAGE: i64 = 500;

#[derive(Debug, Subcommand)]
pub(super) enum KeysCommand {
    /// Wrap everything by the newest of COTERIE_MASTER_KEYS; after it the older ones can be taken out.
    Rotate,
}

/// `coterie keys rotate`: safe to run again, and beside a running house.
pub(super) async fn rotate(config: &Config, out: &mut dyn Write) -> Result<(), CliError> {
    let keys = config.master_keys.as_ref();
    let keys = keys.ok_or(CliError::Missing("COTERIE_MASTER_KEYS"))?;
    let pool = tenants::worker_pool(config)?;
    let mut total = 0;
    for tenant in tenants::all(&pool).await? {
        let rewrapped = rotate_one(&pool, tenant.id, keys).await?;
        writeln!(out, "{}: {rewrapped} keys are wrapped anew.", tenant.slug)?;
        total += rewrapped;
    }
    writeln!(out, "{total} keys in all; every key is under {}.", keys.newest())?;
    pool.close().await;
    Ok(())
}

async fn rotate_one(pool: &PgPool, tenant: Uuid, keys: &Keyring) -> Result<u64, CliError> {
    let mut total = 0;
    loop {
        let mut tx = pool.begin().await?;
        set_tenant_in_op(&mut tx, tenant).await?;
        let page = rotate_page_in_op(&mut tx, tenant, keys, PAGE).await;
        let page = page.map_err(|error| match error {
            OpenError::Database(error) => CliError::from(error),
            error => CliError::Keys(error),
        })?;
        tx.commit().await?;
        total += page.rewrapped;
        if !page.more {
            return Ok(total);
        }
    }
}
