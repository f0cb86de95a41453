use apalis_postgres::PostgresStorage;
use sqlx::PgPool;

/// Raised whenever [`setup`] comes to do something else, so that whoever keeps a prepared database
/// knows when to prepare another.
pub const SETUP_VERSION: u32 = 1;

/// Why the queue's tables could not be prepared.
#[derive(Debug, thiserror::Error)]
pub enum SetupError {
    /// apalis' own migrations failed.
    #[error("could not run apalis' migrations")]
    Migrations(#[source] apalis_postgres::Error),
    /// Our index, or the grants to the roles, failed.
    #[error("could not prepare the queue's tables and grants")]
    Grants(#[from] sqlx::Error),
}

/// Creates or upgrades apalis' tables and grants their use to `coterie_app` and `coterie_worker`.
///
/// Runs as the owner, because apalis' migrations create extensions and a schema; both roles must
/// exist. May be run any number of times.
pub async fn setup(owner: &PgPool) -> Result<(), SetupError> {
    PostgresStorage::<()>::setup(owner)
        .await
        .map_err(SetupError::Migrations)?;
    let mut transaction = owner.begin().await?;
    // Concurrent grants on one table fail with "tuple concurrently updated"; the lock queues them.
    sqlx::query("SELECT pg_advisory_xact_lock(hashtextextended('coterie queue setup', 0))")
        .execute(&mut *transaction)
        .await?;
    for statement in STATEMENTS {
        sqlx::query(*statement).execute(&mut *transaction).await?;
    }
    transaction.commit().await?;
    Ok(())
}

const STATEMENTS: &[&str] = &[
    // NOTIFY takes a lock on the whole database at commit, and jobs are enqueued in the commits
    // that matter most. Workers look for work by polling, so nobody misses the message.
    "DROP TRIGGER IF EXISTS notify_workers ON apalis.jobs",
    // Counting one tenant's unfinished jobs is asked many times a second while a clock advances.
    "CREATE INDEX IF NOT EXISTS coterie_jobs_unfinished ON apalis.jobs (left(idempotency_key, 36)) \
     WHERE status IN ('Pending', 'Queued', 'Running', 'Failed')",
    "CREATE INDEX IF NOT EXISTS coterie_jobs_done ON apalis.jobs (done_at) WHERE status = 'Done'",
    "GRANT USAGE ON SCHEMA apalis TO coterie_app, coterie_worker",
    "GRANT SELECT, INSERT, UPDATE ON apalis.jobs, apalis.workers TO coterie_worker",
    "GRANT SELECT, INSERT, UPDATE ON apalis.jobs TO coterie_app",
    // Only the worker forgets finished jobs and workers that are gone.
    "GRANT DELETE ON apalis.jobs, apalis.workers TO coterie_worker",
];
