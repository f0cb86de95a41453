//! The log against a real PostgreSQL: appending, command keys, the chain, tenancy, following. What is refused has a
//! control beside it that shows that the same test notices when it is not refused.

mod append;
mod batch;
mod chain;
mod command;
mod follow;
mod lease;
mod tenancy;
mod wait;

use std::time::Duration;

use coterie_eventlog::{
    Append, AppendError, Appended, CommandKey, NewEvent, RecordedEvent, StreamWrite, append_in_op, read_tenant,
    set_tenant_in_op,
};
use jiff::Timestamp;
use sqlx::PgPool;
use uuid::Uuid;

/// 2026-01-20 10:00 UTC, plus microseconds.
fn instant(microseconds: i64) -> Timestamp {
    Timestamp::from_microsecond(1_768_903_200_000_000 + microseconds).expect("in range")
}

/// `count` events for one stream that is expected at `expected_version`.
fn write(stream_id: Uuid, expected_version: i64, count: usize) -> StreamWrite {
    let events = (0..count)
        .map(|number| NewEvent {
            event_type: "room_booked",
            event_version: 1,
            payload: format!(r#"{{ "number": {number}, "a":"é\u0000" }}"#),
        })
        .collect();
    StreamWrite {
        category: "booking",
        stream_id,
        expected_version,
        events,
    }
}

/// An append with everything fixed but the tenant and what is written.
fn an_append(tenant: Uuid, streams: Vec<StreamWrite>) -> Append<'static> {
    Append {
        tenant_id: tenant,
        actor: "member:1",
        command_id: Uuid::from_u128(11),
        correlation_id: Uuid::from_u128(12),
        causation: None,
        occurred_at: instant(0),
        recorded_at: instant(5),
        streams,
        command_key: None,
        known_head: None,
    }
}

/// One append in a transaction of its own.
async fn commit(pool: &PgPool, append: Append<'_>) -> Result<Appended, AppendError> {
    let mut tx = pool.begin().await.map_err(AppendError::Database)?;
    set_tenant_in_op(&mut tx, append.tenant_id)
        .await
        .map_err(AppendError::Database)?;
    let appended = append_in_op(&mut tx, append).await?;
    tx.commit().await.map_err(AppendError::Database)?;
    Ok(appended)
}

/// One event on a new stream.
async fn commit_one(pool: &PgPool, tenant: Uuid) -> Appended {
    commit(pool, an_append(tenant, vec![write(Uuid::new_v4(), 0, 1)]))
        .await
        .expect("a new stream takes an event")
}

/// A command key over a made-up request.
#[expect(clippy::unnecessary_wraps, reason = "an append takes an optional key")]
fn key(key: &str, request: u8) -> Option<CommandKey> {
    let outcome = serde_json::json!({ "booking": request });
    Some(CommandKey {
        key: key.to_owned(),
        request_hash: [request; 32],
        outcome,
    })
}

/// The whole log of a tenant, as the given role sees it when it speaks for `speaking_for`.
async fn log_of(pool: &PgPool, tenant: Uuid, speaking_for: Uuid) -> Vec<RecordedEvent> {
    let mut tx = pool.begin().await.expect("a connection");
    set_tenant_in_op(&mut tx, speaking_for)
        .await
        .expect("the tenant can be set");
    read_tenant(&mut tx, tenant, 0, None, 1_000)
        .await
        .expect("the log can be read")
}

/// Waits until a session of this database waits for a lock.
async fn until_somebody_waits(owner: &PgPool) {
    let waiting = async {
        loop {
            let waits: bool = sqlx::query_scalar(
                "select exists (select from pg_stat_activity
                                where datname = current_database() and wait_event_type = 'Lock')",
            )
            .fetch_one(owner)
            .await
            .expect("pg_stat_activity can be read");
            if waits {
                return;
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(4), waiting)
        .await
        .expect("somebody waits for a lock");
}

/// The SQLSTATE of a failed statement.
fn sqlstate<T>(result: Result<T, sqlx::Error>) -> String {
    let error = result.err().expect("the statement is refused");
    let code = error.as_database_error().and_then(sqlx::error::DatabaseError::code);
    code.expect("PostgreSQL refused it").into_owned()
}

/// Runs everything at once and returns the results in order.
async fn all_at_once<T: Send + 'static>(
    tasks: impl Iterator<Item = impl Future<Output = T> + Send + 'static>,
) -> Vec<T> {
    let running: Vec<_> = tasks.map(tokio::spawn).collect();
    let mut results = Vec::with_capacity(running.len());
    for task in running {
        results.push(task.await.expect("no task panics"));
    }
    results
}
