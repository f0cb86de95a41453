//! Command keys: how a retried request finds out that it was already carried out.

use sqlx::{PgConnection, Row};
use uuid::Uuid;

/// The caller's idempotency key, remembered for ever with the append that it belongs to.
///
/// Keys are scoped by (tenant, actor): two people may send the same key and mean different things.
#[derive(Debug, Clone)]
pub struct CommandKey {
    /// The key as the caller sent it.
    pub key: String,
    /// SHA-256 of the canonical request. Not of the events: new ids and times would make every honest retry look
    /// different.
    pub request_hash: [u8; 32],
    /// The ids of the outcome, enough to render the answer again after a fresh authorisation.
    pub outcome: serde_json::Value,
}

/// What an earlier command left behind.
#[derive(Debug, Clone, PartialEq)]
pub struct RememberedCommand {
    /// SHA-256 of the canonical request that was carried out; another one under the same key is to be refused.
    pub request_hash: [u8; 32],
    /// The ids of the outcome.
    pub outcome: serde_json::Value,
    /// The position of the last event of that append.
    pub position: i64,
}

/// Looks a command key up, before anything is decided. [`crate::append_in_op`] asks again under the head's lock.
pub async fn find_command(
    conn: &mut PgConnection,
    tenant: Uuid,
    actor: &str,
    key: &str,
) -> Result<Option<RememberedCommand>, sqlx::Error> {
    let row = sqlx::query(
        "select request_hash, outcome, position from public.command_key
         where tenant_id = $1 and actor = $2 and key = $3",
    )
    .bind(tenant)
    .bind(actor)
    .bind(key)
    .fetch_optional(conn)
    .await?;
    row.map(|row| {
        Ok(RememberedCommand {
            request_hash: row.try_get("request_hash")?,
            outcome: row.try_get("outcome")?,
            position: row.try_get("position")?,
        })
    })
    .transpose()
}
