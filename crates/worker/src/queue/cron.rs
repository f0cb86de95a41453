use std::time::Duration;

use sqlx::PgPool;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use super::{NewJob, enqueue_in_op};

/// A job that comes round.
#[derive(Debug, Clone)]
pub struct Cron {
    /// Names the schedule in the tick's key; two entries must not share one.
    pub name: &'static str,
    /// The kind of job each tick enqueues, for `Uuid::nil()`: the installation's own.
    pub kind: &'static str,
    /// How often, counted from the epoch in UTC. At least a second; ticks missed while nobody ran
    /// are not made up for.
    pub every: Duration,
    /// Starts of one tick's job at most.
    pub max_attempts: u32,
}

/// Enqueues every entry's ticks until cancelled. Any number of replicas may run it: a tick's key
/// is `name:timestamp` on the database's clock, so each tick is one job.
pub async fn cron(pool: PgPool, entries: Vec<Cron>, cancel: CancellationToken) {
    let each = entries.into_iter().map(|entry| tick(&pool, entry, &cancel));
    futures::future::join_all(each).await;
}

async fn tick(pool: &PgPool, entry: Cron, cancel: &CancellationToken) {
    let every_ms = i64::try_from(entry.every.as_millis()).unwrap_or(i64::MAX).max(1_000);
    loop {
        let wait = match enqueue_tick(pool, &entry, every_ms).await {
            Ok(wait) => wait,
            Err(error) => {
                tracing::warn!(%error, cron = entry.name, "could not enqueue a tick");
                Duration::from_secs(1)
            }
        };
        tokio::select! {
            () = cancel.cancelled() => return,
            () = tokio::time::sleep(wait) => {}
        }
    }
}

/// Enqueues the current tick if nobody did, and says how long until the next.
async fn enqueue_tick(pool: &PgPool, entry: &Cron, every_ms: i64) -> Result<Duration, sqlx::Error> {
    let mut transaction = pool.begin().await?;
    let now_ms: i64 = sqlx::query_scalar("SELECT floor(extract(epoch FROM clock_timestamp()) * 1000)::bigint")
        .fetch_one(&mut *transaction)
        .await?;
    let tick_ms = now_ms - now_ms.rem_euclid(every_ms);
    enqueue_in_op(
        &mut transaction,
        NewJob {
            tenant: Uuid::nil(),
            kind: entry.kind,
            idempotency_key: format!("{}:{}", entry.name, tick_ms / 1_000),
            payload: serde_json::json!({ "name": entry.name, "tick": tick_ms / 1_000 }),
            run_at: None,
            max_attempts: entry.max_attempts,
        },
    )
    .await?;
    transaction.commit().await?;
    Ok(Duration::from_millis(
        (tick_ms + every_ms - now_ms).max(1).cast_unsigned(),
    ))
}
