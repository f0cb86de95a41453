//! The head: where an organization's log stands.

use jiff::Timestamp;
use sqlx::{PgConnection, Row};
use uuid::Uuid;

/// The end of an organization's log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Head {
    /// Position of the last event; 1..=position are all visible.
    pub position: i64,
    /// Hash of the last event.
    pub hash: [u8; 32],
    /// Tenant time of the last event.
    pub occurred_at: Timestamp,
}

/// The head of an organization's log, or `None` before its first event.
pub async fn head(conn: &mut PgConnection, tenant: Uuid) -> Result<Option<Head>, sqlx::Error> {
    let row = sqlx::query("select position, hash, occurred_at from public.event_head where tenant_id = $1")
        .bind(tenant)
        .fetch_optional(conn)
        .await?;
    row.map(|row| {
        Ok(Head {
            position: row.try_get("position")?,
            hash: row.try_get("hash")?,
            occurred_at: row.try_get::<jiff_sqlx::Timestamp, _>("occurred_at")?.to_jiff(),
        })
    })
    .transpose()
}
