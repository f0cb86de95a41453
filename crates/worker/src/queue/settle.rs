//! What happens to a row, each as one statement that holds only while the row is this worker's.
//!
//! apalis acknowledges through a channel that is drained only while it polls for work: not while
//! it shuts down, and the row of a job that panicked stays Running. A statement of our own says it
//! at once, and sets status, attempt and next run together.

use std::time::Duration;

use sqlx::PgPool;
use sqlx::postgres::types::PgInterval;

use super::handler::{Job, JobError};

/// Marks the job Running and counts the attempt; `None` if the row is no longer this worker's.
///
/// Counted before the work starts, so a job that takes its whole process down is counted too.
pub(super) async fn start(pool: &PgPool, worker: &str, id: &str) -> Result<Option<(u32, u32)>, sqlx::Error> {
    let row: Option<(i32, i32)> = sqlx::query_as(
        "UPDATE apalis.jobs SET status = 'Running', attempts = attempts + 1, lock_at = now() \
         WHERE id = $1 AND lock_by = $2 AND status = 'Queued' RETURNING attempts, max_attempts",
    )
    .bind(id)
    .bind(worker)
    .fetch_optional(pool)
    .await?;
    Ok(row.map(|(attempt, most)| (attempt.cast_unsigned(), most.cast_unsigned())))
}

/// How a started job ends.
pub(super) enum Settlement {
    Done,
    Retry { reason: String, after: Duration },
    Killed { reason: String },
}

impl Settlement {
    /// Decides between retry and death; `backoff` is asked only when the job did not say.
    pub(super) fn of(outcome: Result<(), JobError>, job: &Job, backoff: impl FnOnce() -> Duration) -> Self {
        match outcome {
            Ok(()) => Self::Done,
            Err(JobError::Fail { reason }) => Self::Killed { reason },
            Err(JobError::Retry { reason, .. }) if job.is_last_attempt() => Self::Killed {
                reason: format!("gave up after attempt {}: {reason}", job.attempt),
            },
            Err(JobError::Retry { reason, after }) => Self::Retry {
                reason,
                after: after.unwrap_or_else(backoff),
            },
        }
    }
}

/// Writes the settlement; `false` if the row had been taken over by another worker.
pub(super) async fn settle(
    pool: &PgPool,
    worker: &str,
    id: &str,
    settlement: &Settlement,
) -> Result<bool, sqlx::Error> {
    // The shape of last_result is apalis' serialised Result, which its board reads.
    let (status, result, after) = match settlement {
        Settlement::Done => ("Done", serde_json::json!({ "Ok": null }), None),
        Settlement::Retry { reason, after } => ("Failed", serde_json::json!({ "Err": reason }), Some(*after)),
        Settlement::Killed { reason } => ("Killed", serde_json::json!({ "Err": reason }), None),
    };
    let after = after.map(|after| PgInterval {
        months: 0,
        days: 0,
        microseconds: i64::try_from(after.as_micros()).unwrap_or(i64::MAX),
    });
    let written = sqlx::query(
        "UPDATE apalis.jobs SET status = $3, last_result = $4, done_at = now(), \
           run_at = CASE WHEN $5::interval IS NULL THEN run_at ELSE clock_timestamp() + $5 END \
         WHERE id = $1 AND lock_by = $2 AND status = 'Running'",
    )
    .bind(id)
    .bind(worker)
    .bind(status)
    .bind(result)
    .bind(after)
    .execute(pool)
    .await?;
    Ok(written.rows_affected() == 1)
}

/// Gives back what was claimed and not started, at the end of a worker's life.
pub(super) async fn release(pool: &PgPool, worker: &str) -> Result<u64, sqlx::Error> {
    let released = sqlx::query(
        "UPDATE apalis.jobs SET status = 'Pending', lock_by = NULL, lock_at = NULL \
         WHERE lock_by = $1 AND status = 'Queued'",
    )
    .bind(worker)
    .execute(pool)
    .await?;
    Ok(released.rows_affected())
}
