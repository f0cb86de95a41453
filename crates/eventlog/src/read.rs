//! Reading the log, always one organization, always a bounded page, always in position or version order.

use sqlx::PgConnection;
use uuid::Uuid;

use crate::event::{RecordedEvent, select_event};

/// The most events that one read returns, whatever the caller asks for.
pub const MAX_PAGE: i64 = 10_000;

fn page(limit: i64) -> i64 {
    limit.clamp(0, MAX_PAGE)
}

/// The events of one stream after `after_version` (0 = from its first), in version order.
pub async fn read_stream(
    conn: &mut PgConnection,
    tenant: Uuid,
    stream_id: Uuid,
    after_version: i64,
    limit: i64,
) -> Result<Vec<RecordedEvent>, sqlx::Error> {
    sqlx::query_as(select_event!(
        "where tenant_id = $1 and stream_id = $2 and version > $3 order by version limit $4"
    ))
    .bind(tenant)
    .bind(stream_id)
    .bind(after_version)
    .bind(page(limit))
    .fetch_all(conn)
    .await
}

/// The events of several streams, stream by stream in version order.
pub async fn read_whole_streams(
    conn: &mut PgConnection,
    tenant: Uuid,
    streams: &[Uuid],
    limit: i64,
) -> Result<Vec<RecordedEvent>, sqlx::Error> {
    sqlx::query_as(select_event!(
        "where tenant_id = $1 and stream_id = any($2) order by stream_id, version limit $3"
    ))
    .bind(tenant)
    .bind(streams)
    .bind(page(limit))
    .fetch_all(conn)
    .await
}

/// The organization's events after `after_position` (0 = from the first) and up to `up_to` inclusive.
pub async fn read_tenant(
    conn: &mut PgConnection,
    tenant: Uuid,
    after_position: i64,
    up_to: Option<i64>,
    limit: i64,
) -> Result<Vec<RecordedEvent>, sqlx::Error> {
    sqlx::query_as(select_event!(
        "where tenant_id = $1 and position > $2 and position <= $3 order by position limit $4"
    ))
    .bind(tenant)
    .bind(after_position)
    .bind(up_to.unwrap_or(i64::MAX))
    .bind(page(limit))
    .fetch_all(conn)
    .await
}

/// The organization's events of the given categories after `after_position`, in position order.
pub async fn read_categories(
    conn: &mut PgConnection,
    tenant: Uuid,
    categories: &[&str],
    after_position: i64,
    limit: i64,
) -> Result<Vec<RecordedEvent>, sqlx::Error> {
    sqlx::query_as(select_event!(
        "where tenant_id = $1 and category = any($2) and position > $3 order by position limit $4"
    ))
    .bind(tenant)
    .bind(categories)
    .bind(after_position)
    .bind(page(limit))
    .fetch_all(conn)
    .await
}

/// The first `limit` events that share a correlation, in position order.
///
/// It walks the organization's log: every index costs each append, and this read is for people, not for decisions.
pub async fn read_correlation(
    conn: &mut PgConnection,
    tenant: Uuid,
    correlation_id: Uuid,
    limit: i64,
) -> Result<Vec<RecordedEvent>, sqlx::Error> {
    sqlx::query_as(select_event!(
        "where tenant_id = $1 and correlation_id = $2 order by position limit $3"
    ))
    .bind(tenant)
    .bind(correlation_id)
    .bind(page(limit))
    .fetch_all(conn)
    .await
}
