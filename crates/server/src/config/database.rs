//! What can only be learnt by asking the database: who connects, and whether a commit survives a crash.

use super::{Config, DatabaseUrl};
use sqlx::{ConnectOptions, Connection, PgConnection, Row};
use std::time::Duration;

/// How long to wait for the database to answer.
const PATIENCE: Duration = Duration::from_secs(10);

/// What the database says of the installation.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Installation {
    /// The role behind `DATABASE_URL`, where it is set.
    pub owner: Option<String>,
    /// The roles behind `APP_DATABASE_URL` and `WORKER_DATABASE_URL`.
    pub roles: Vec<Role>,
    /// Whether there is an organization that is no sandbox.
    pub live_organizations: bool,
    /// What could not be asked, a sentence each.
    pub unreachable: Vec<String>,
}

/// A role as PostgreSQL knows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Role {
    /// The variable that names it.
    pub variable: &'static str,
    pub name: String,
    pub superuser: bool,
    pub bypasses_rls: bool,
    pub owns_tables: bool,
    pub durability: Durability,
}

/// Settings without which a commit may be lost in a crash, as they hold for one role.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Durability {
    pub fsync: bool,
    pub synchronous_commit: bool,
    pub full_page_writes: bool,
}

impl Durability {
    /// The settings that are off.
    pub fn off(self) -> impl Iterator<Item = &'static str> {
        let settings = [
            ("fsync", self.fsync),
            ("synchronous_commit", self.synchronous_commit),
            ("full_page_writes", self.full_page_writes),
        ];
        settings.into_iter().filter(|(_, on)| !on).map(|(name, _)| name)
    }
}

/// Asks the databases that the environment names. Never fails: what cannot be asked is told.
pub async fn examine(config: &Config) -> Installation {
    let mut installation = Installation::default();
    if let Some(url) = &config.owner_url {
        match whoami(url).await {
            Ok(name) => installation.owner = Some(name),
            Err(error) => installation.unreachable.push(unreachable("DATABASE_URL", url, &error)),
        }
    }
    for (variable, url) in [
        ("APP_DATABASE_URL", &config.app_url),
        ("WORKER_DATABASE_URL", &config.worker_url),
    ] {
        let Some(url) = url else { continue };
        match role(variable, url).await {
            Ok(role) => installation.roles.push(role),
            Err(error) => installation.unreachable.push(unreachable(variable, url, &error)),
        }
    }
    if let Some(url) = &config.worker_url {
        match live_organizations(url).await {
            Ok(live) => installation.live_organizations = live,
            Err(error) if is_not_migrated(&error) => {
                installation
                    .unreachable
                    .push(format!("{url} has no tables of Coterie yet. Run: coterie migrate"));
            }
            // The role could not connect, which is told already, or has no rights, which is worth telling.
            Err(error)
                if installation
                    .roles
                    .iter()
                    .any(|role| role.variable == "WORKER_DATABASE_URL") =>
            {
                installation
                    .unreachable
                    .push(unreachable("WORKER_DATABASE_URL", url, &error));
            }
            Err(_) => {}
        }
    }
    installation
}

fn unreachable(variable: &str, url: &DatabaseUrl, error: &sqlx::Error) -> String {
    format!("{variable} ({url}) could not be asked: {error}.")
}

/// 42P01: there is no such table.
fn is_not_migrated(error: &sqlx::Error) -> bool {
    error
        .as_database_error()
        .and_then(sqlx::error::DatabaseError::code)
        .as_deref()
        == Some("42P01")
}

async fn connect(url: &DatabaseUrl) -> Result<PgConnection, sqlx::Error> {
    let connecting = url.options().disable_statement_logging();
    tokio::time::timeout(PATIENCE, PgConnection::connect_with(&connecting))
        .await
        .unwrap_or_else(|_| Err(sqlx::Error::Protocol("the database did not answer in time".to_owned())))
}

async fn whoami(url: &DatabaseUrl) -> Result<String, sqlx::Error> {
    let mut conn = connect(url).await?;
    let name = sqlx::query_scalar("select current_user::text")
        .fetch_one(&mut conn)
        .await?;
    conn.close().await?;
    Ok(name)
}

async fn role(variable: &'static str, url: &DatabaseUrl) -> Result<Role, sqlx::Error> {
    let mut conn = connect(url).await?;
    let row = sqlx::query(
        "select r.rolname::text as name, r.rolsuper, r.rolbypassrls,
                exists (select from pg_class c join pg_namespace n on n.oid = c.relnamespace
                        where c.relowner = r.oid and n.nspname in ('public', 'installation', 'apalis')) as owns,
                current_setting('fsync') <> 'off' as fsync,
                current_setting('synchronous_commit') <> 'off' as synchronous_commit,
                current_setting('full_page_writes') <> 'off' as full_page_writes
         from pg_roles r where r.rolname = current_user",
    )
    .fetch_one(&mut conn)
    .await?;
    let role = Role {
        variable,
        name: row.try_get("name")?,
        superuser: row.try_get("rolsuper")?,
        bypasses_rls: row.try_get("rolbypassrls")?,
        owns_tables: row.try_get("owns")?,
        durability: Durability {
            fsync: row.try_get("fsync")?,
            synchronous_commit: row.try_get("synchronous_commit")?,
            full_page_writes: row.try_get("full_page_writes")?,
        },
    };
    conn.close().await?;
    Ok(role)
}

/// The worker role may look for organizations across the installation.
async fn live_organizations(url: &DatabaseUrl) -> Result<bool, sqlx::Error> {
    let mut conn = connect(url).await?;
    let live = sqlx::query_scalar("select exists (select from public.organization where not sandbox)")
        .fetch_one(&mut conn)
        .await?;
    conn.close().await?;
    Ok(live)
}
