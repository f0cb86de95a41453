//! Makes a job of each received webhook that says something we act on. The endpoint answers 200 as soon as the body stands; here the row is
//! marked and its job enqueued in one transaction.

use crate::{
    WorkerConfig, jobs, pause,
    pulse::Signal,
    queue::{NewJob, enqueue_in_op},
};
use coterie_app::clock;
use jiff_sqlx::ToSqlx;
use sqlx::Row;
use std::time::Duration;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

const BATCH: i64 = 100;
const MAX_ATTEMPTS: u32 = 12;

pub(crate) async fn run(config: WorkerConfig, mut webhooks: Signal, cancel: CancellationToken) {
    loop {
        webhooks.arm();
        let go_on = match move_some(&config).await {
            Ok(0) => webhooks.wait(&cancel).await,
            Ok(_) => {
                config.wake.wake();
                !cancel.is_cancelled()
            }
            Err(error) => {
                tracing::warn!(%error, "the webhook inbox could not be read; trying again");
                pause(&cancel, Duration::from_secs(1)).await
            }
        };
        if !go_on {
            return;
        }
    }
}

async fn move_some(config: &WorkerConfig) -> Result<usize, sqlx::Error> {
    let mut tx = config.app.pool.begin().await?;
    let rows = sqlx::query(
        "update installation.webhook_inbox set queued_at = $1
         where (account_id, event_id) in (select account_id, event_id from installation.webhook_inbox where queued_at is null
                                          order by received_at limit $2 for update skip locked)
         returning account_id, event_id, tenant_id, body",
    )
    .bind(clock::wall_now().to_sqlx())
    .bind(BATCH)
    .fetch_all(&mut *tx)
    .await?;
    for row in &rows {
        let (account, event): (String, String) = (row.try_get("account_id")?, row.try_get("event_id")?);
        let tenant: Uuid = row.try_get("tenant_id")?;
        if !coterie_app::webhook::applies(row.try_get("body")?) {
            continue;
        }
        let job = NewJob {
            tenant,
            kind: jobs::APPLY_WEBHOOK,
            idempotency_key: format!("{account}:{event}"),
            payload: serde_json::json!({ "account_id": account, "event_id": event }),
            run_at: None,
            max_attempts: MAX_ATTEMPTS,
        };
        enqueue_in_op(&mut tx, job).await?;
    }
    tx.commit().await?;
    Ok(rows.len())
}
