//! The head: where an organization's log stands.

use jiff::Timestamp;
use sqlx::{PgConnection, Row, postgres::PgRow};
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

impl Head {
    /// From a row with the columns `position`, `hash` and `occurred_at` of `event_head`.
    ///
    /// # Errors
    /// When a column is missing, null or of another type.
    pub fn from_row(row: &PgRow) -> Result<Self, sqlx::Error> {
        Ok(Self {
            position: row.try_get("position")?,
            hash: row.try_get("hash")?,
            occurred_at: row.try_get::<jiff_sqlx::Timestamp, _>("occurred_at")?.to_jiff(),
        })
    }
}

macro_rules! select_head {
    ($rest:literal) => {
        concat!(
            "select position, hash, occurred_at from public.event_head where tenant_id = $1",
            $rest
        )
    };
}

/// The head of an organization's log, or `None` before its first event.
pub async fn head(conn: &mut PgConnection, tenant: Uuid) -> Result<Option<Head>, sqlx::Error> {
    read(conn, select_head!(""), tenant).await
}

/// The same for whoever appends next in this transaction: from here to its end all others wait.
pub(crate) async fn head_to_append(conn: &mut PgConnection, tenant: Uuid) -> Result<Option<Head>, sqlx::Error> {
    read(conn, select_head!(" for update"), tenant).await
}

async fn read(conn: &mut PgConnection, query: &'static str, tenant: Uuid) -> Result<Option<Head>, sqlx::Error> {
    let row = sqlx::query(query).bind(tenant).fetch_optional(conn).await?;
    row.as_ref().map(Head::from_row).transpose()
}
