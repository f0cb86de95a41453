use super::{CliError, tenants};
use crate::config::Config;
use crate::wiring;
use coterie_app::{App, AppConfig, UseCaseError, guard};
use sqlx::PgPool;
use std::io::Write;

/// Connections of the owner's role: one transaction after the other.
const CONNECTIONS: u32 = 2;

/// Use cases on the worker's role, for whoever reads the guards beside the log.
pub(super) fn app(config: &Config, pool: &PgPool) -> Result<App, CliError> {
    let secret = config
        .secret_key
        .clone()
        .ok_or(CliError::Missing("COTERIE_SECRET_KEY"))?;
    let keys = config
        .master_keys
        .clone()
        .ok_or(CliError::Missing("COTERIE_MASTER_KEYS"))?;
    Ok(App::new(pool.clone(), AppConfig::new(secret, keys)))
}

/// A line that says that an organization's guards are what its log calls for, or a line for each row that is not;
/// whether they are.
pub(super) async fn compare(app: &App, tenant: &tenants::Tenant, out: &mut dyn Write) -> Result<bool, CliError> {
    let slug = &tenant.slug;
    let agreement = match guard::compare(app, tenant.id, None).await {
        Ok(agreement) => agreement,
        // The other organizations are compared all the same.
        Err(error @ (UseCaseError::Decode(_) | UseCaseError::Broken(_) | UseCaseError::Refused(_))) => {
            writeln!(out, "{slug}: {}", CliError::Guards(error).sentence())?;
            return Ok(false);
        }
        Err(error) => return Err(CliError::Guards(error)),
    };
    if agreement.differences.is_empty() {
        writeln!(
            out,
            "{slug}: guards agree ({} tables, {} rows)",
            agreement.tables, agreement.rows
        )?;
    }
    for difference in &agreement.differences {
        writeln!(out, "{slug}: guards differ: {difference}")?;
    }
    Ok(agreement.differences.is_empty())
}

/// `coterie guards rebuild`: writes what differs from the log anew, as DATABASE_URL, and says what that was.
pub(super) async fn rebuild(
    config: &Config,
    organization: Option<&str>,
    only: Option<&str>,
    out: &mut dyn Write,
) -> Result<(), CliError> {
    if let Some(only) = only
        && !guard::names().any(|name| name == only)
    {
        let known: Vec<&str> = guard::names().collect();
        return Err(CliError::NoGuard(only.to_owned(), known.join(", ")));
    }
    let owner_url = config.owner_url.as_ref().ok_or(CliError::Missing("DATABASE_URL"))?;
    let pool = tenants::worker_pool(config)?;
    let app = app(config, &pool)?;
    let owner = wiring::pool(owner_url, CONNECTIONS);
    let wanted = match organization {
        Some(slug) => vec![tenants::by_slug(&pool, slug).await?],
        None => tenants::all(&pool).await?,
    };
    for tenant in &wanted {
        let mended = guard::rebuild(&app, &owner, tenant.id, only)
            .await
            .map_err(CliError::Guards)?;
        let slug = &tenant.slug;
        for difference in &mended.differences {
            writeln!(out, "{slug}: mended: {difference}")?;
        }
        writeln!(
            out,
            "{slug}: guards rebuilt: {} rows removed, {} changed, {} added",
            mended.removed, mended.changed, mended.added
        )?;
    }
    if wanted.is_empty() {
        writeln!(out, "There is no organization yet.")?;
    }
    owner.close().await;
    pool.close().await;
    Ok(())
}
