//! Brings a database up to date: the migrations, the job queue's tables, and the roles' passwords where they are given.

use crate::config::{DatabaseUrl, Secret};
use sqlx::migrate::Migrator;
use sqlx::postgres::PgPoolOptions;
use sqlx::{AssertSqlSafe, ConnectOptions, PgPool};

static MIGRATOR: Migrator = sqlx::migrate!("../../migrations");

/// What did not work.
#[derive(Debug, thiserror::Error)]
pub enum MigrateError {
    #[error("connecting to {url}: {source}")]
    Connect { url: String, source: sqlx::Error },
    #[error("running the migrations: {0}")]
    Migrations(#[from] sqlx::migrate::MigrateError),
    #[error("preparing the job queue: {0}")]
    Queue(#[from] coterie_worker::queue::SetupError),
    #[error("setting the password of {role}: {source}")]
    Password { role: &'static str, source: sqlx::Error },
}

/// How many migrations the database has now, of those that this build knows.
///
/// # Errors
/// [`MigrateError`] names the step that failed. Every migration is a transaction of its own, so running it again goes on
/// from there.
pub async fn migrate(
    owner: &DatabaseUrl,
    app_password: Option<&Secret>,
    worker_password: Option<&Secret>,
) -> Result<usize, MigrateError> {
    let options = owner.options().disable_statement_logging();
    let pool = PgPoolOptions::new()
        .max_connections(2)
        .connect_with(options)
        .await
        .map_err(|source| MigrateError::Connect {
            url: owner.to_string(),
            source,
        })?;
    let done = run(&pool, app_password, worker_password).await;
    pool.close().await;
    done
}

async fn run(
    pool: &PgPool,
    app_password: Option<&Secret>,
    worker_password: Option<&Secret>,
) -> Result<usize, MigrateError> {
    MIGRATOR.run(pool).await?;
    coterie_worker::queue::setup(pool).await?;
    for (role, password) in [("coterie_app", app_password), ("coterie_worker", worker_password)] {
        if let Some(password) = password {
            set_password(pool, role, password)
                .await
                .map_err(|source| MigrateError::Password { role, source })?;
        }
    }
    Ok(MIGRATOR.iter().count())
}

/// ALTER ROLE takes no parameters, so PostgreSQL itself quotes the password into the statement.
async fn set_password(pool: &PgPool, role: &str, password: &Secret) -> Result<(), sqlx::Error> {
    let statement: String = sqlx::query_scalar("select format('alter role %I password %L', $1::text, $2::text)")
        .bind(role)
        .bind(password.reveal())
        .fetch_one(pool)
        .await?;
    sqlx::query(AssertSqlSafe(statement)).execute(pool).await?;
    Ok(())
}
