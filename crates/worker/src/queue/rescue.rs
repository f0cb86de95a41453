//! Who is alive, and what becomes of the jobs of those who are not.
//!
//! A database that dies in the middle of an answer leaves rows that are a living worker's by name
//! and that it never heard of, or could not settle: what it does not hold is taken over as well.
//!
//! apalis beats the heart inside the loop that also polls the jobs, and stops beating while it
//! shuts down or holds a full buffer: a long job at shutdown would be started a second time
//! elsewhere. Here it is a task of its own. All times are the database's.

use std::sync::Arc;
use std::time::Duration;

use sqlx::PgPool;
use sqlx::postgres::types::PgInterval;

use super::QUEUE;
use super::backend::Slots;

/// Writes the worker's row: once at its start, then as its heartbeat.
pub(super) async fn beat(pool: &PgPool, worker: &str) -> Result<(), sqlx::Error> {
    sqlx::query(
        "INSERT INTO apalis.workers (id, worker_type, storage_name, layers, last_seen, started_at) \
         VALUES ($1, $2, 'coterie', '', now(), now()) \
         ON CONFLICT (id) DO UPDATE SET last_seen = now()",
    )
    .bind(worker)
    .bind(QUEUE)
    .execute(pool)
    .await
    .map(|_| ())
}

/// Takes the jobs of workers silent for longer than `silent_for`, and those that were this worker's for
/// as long and are not among the rows it holds: those not yet started wait again uncounted, those
/// that were running are tried again unless that was their last attempt.
pub(super) async fn rescue(
    pool: &PgPool,
    worker: &str,
    held: &[String],
    silent_for: Duration,
) -> Result<u64, sqlx::Error> {
    let silent_for = PgInterval {
        months: 0,
        days: 0,
        microseconds: i64::try_from(silent_for.as_micros()).unwrap_or(i64::MAX),
    };
    let rescued = sqlx::query(
        "WITH orphan AS ( \
           SELECT jobs.id FROM apalis.jobs JOIN apalis.workers ON jobs.lock_by = workers.id \
           WHERE jobs.job_type = $1 AND jobs.status IN ('Queued', 'Running') \
             AND (workers.last_seen < now() - $2::interval \
               OR (workers.id = $3 AND jobs.lock_at < now() - $2::interval AND jobs.id <> ALL ($4))) \
           FOR UPDATE OF jobs SKIP LOCKED) \
         UPDATE apalis.jobs SET \
           status = CASE WHEN jobs.status = 'Running' AND attempts >= max_attempts \
                         THEN 'Killed' ELSE 'Pending' END, \
           done_at = CASE WHEN jobs.status = 'Running' AND attempts >= max_attempts \
                          THEN now() END, \
           lock_by = NULL, lock_at = NULL, \
           last_result = '{\"Err\": \"The worker that held this job stopped.\"}' \
         FROM orphan WHERE jobs.id = orphan.id",
    )
    .bind(QUEUE)
    .bind(silent_for)
    .bind(worker)
    .bind(held)
    .execute(pool)
    .await?;
    Ok(rescued.rows_affected())
}

/// Beats and rescues until dropped. A database that does not answer is tried again.
pub(super) async fn live(pool: PgPool, worker: String, slots: Arc<Slots>, every: Duration, missed: u32) {
    let mut ticks = tokio::time::interval(every);
    ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        ticks.tick().await;
        if let Err(error) = beat(&pool, &worker).await {
            tracing::warn!(%error, worker, "could not write the worker's heartbeat");
            continue;
        }
        match rescue(&pool, &worker, &slots.held(), every * missed).await {
            Ok(0) => {}
            Ok(jobs) => {
                metrics::counter!("coterie_jobs_rescued_total").increment(jobs);
                tracing::warn!(jobs, worker, "took over jobs of a worker that stopped");
            }
            Err(error) => tracing::warn!(%error, worker, "could not look for orphaned jobs"),
        }
    }
}
