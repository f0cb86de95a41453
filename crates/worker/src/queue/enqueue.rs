use serde::{Deserialize, Serialize};
use sqlx::PgConnection;
use uuid::Uuid;

use super::QUEUE;

/// A job to be done once the caller's transaction has committed.
#[derive(Debug, Clone)]
pub struct NewJob {
    /// Whose job it is; `Uuid::nil()` for the installation's own.
    pub tenant: Uuid,
    /// Which handler runs it, for example `send_mail`.
    pub kind: &'static str,
    /// Distinguishes this job from every other of the same tenant and kind. A key that was used
    /// before (and is not yet swept, see [`super::KEEP_DONE_DAYS`]) enqueues nothing.
    pub idempotency_key: String,
    /// What the handler needs; ids rather than copies of data.
    pub payload: serde_json::Value,
    /// Not before this wall time; at once if `None`. Business delays are alarms, not this.
    pub run_at: Option<jiff::Timestamp>,
    /// How many times it is started at most, at least 1.
    pub max_attempts: u32,
}

/// The bytes in the row: everything a handler is told, so that a row explains itself.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Envelope {
    pub tenant: Uuid,
    pub kind: String,
    pub payload: serde_json::Value,
}

/// Adds a job to the caller's transaction; says whether it is new.
///
/// apalis' own `push_tasks` lets a repeated key abort the transaction, so the insert is ours.
/// Works for `coterie_app` and `coterie_worker`.
///
/// # Errors
/// Whatever the database says; a repeated key is no error.
pub async fn enqueue_in_op(conn: &mut PgConnection, job: NewJob) -> Result<bool, sqlx::Error> {
    let key = format!("{}:{}:{}", job.tenant, job.kind, job.idempotency_key);
    let envelope = Envelope {
        tenant: job.tenant,
        kind: job.kind.to_owned(),
        payload: job.payload,
    };
    let bytes = serde_json::to_vec(&envelope).map_err(|error| sqlx::Error::Encode(error.into()))?;
    let inserted = sqlx::query(
        "INSERT INTO apalis.jobs \
           (id, job_type, job, status, attempts, max_attempts, run_at, priority, idempotency_key) \
         VALUES (apalis.generate_ulid(), $1, $2, 'Pending', 0, $3, coalesce($4, now()), 0, $5) \
         ON CONFLICT (job_type, idempotency_key) DO NOTHING",
    )
    .bind(QUEUE)
    .bind(bytes)
    .bind(i32::try_from(job.max_attempts.max(1)).unwrap_or(i32::MAX))
    .bind(job.run_at.map(jiff_sqlx::ToSqlx::to_sqlx))
    .bind(key)
    .execute(conn)
    .await?;
    Ok(inserted.rows_affected() == 1)
}

/// How many of a tenant's jobs are not finished: waiting, running, or to be tried again later.
///
/// # Errors
/// Whatever the database says.
pub async fn pending(conn: &mut PgConnection, tenant: Uuid) -> Result<i64, sqlx::Error> {
    sqlx::query_scalar(
        "SELECT count(*) FROM apalis.jobs \
         WHERE left(idempotency_key, 36) = $1 \
           AND status IN ('Pending', 'Queued', 'Running', 'Failed')",
    )
    .bind(tenant.to_string())
    .fetch_one(conn)
    .await
}
