//! An event as the log keeps it.

use jiff::Timestamp;
use sqlx::postgres::PgRow;
use sqlx::{FromRow, Row};
use uuid::Uuid;

/// One event, with everything that its hash covers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecordedEvent {
    /// The organization.
    pub tenant_id: Uuid,
    /// Place in the organization's log: 1, 2, 3 ... without gaps.
    pub position: i64,
    /// The noun that the stream belongs to, for example `booking`.
    pub category: String,
    /// The stream, one per aggregate.
    pub stream_id: Uuid,
    /// Place in the stream: 1, 2, 3 ... without gaps.
    pub version: i64,
    /// Past-tense name of the fact.
    pub event_type: String,
    /// Which shape of that type the payload has.
    pub event_version: i16,
    /// Who did it.
    pub actor: String,
    /// The command that was carried out.
    pub command_id: Uuid,
    /// Position of the event that this one reacts to.
    pub causation: Option<i64>,
    /// Ties everything together that followed from one request.
    pub correlation_id: Uuid,
    /// Tenant time, which never goes backwards along the log. Microseconds.
    pub occurred_at: Timestamp,
    /// Wall time. Microseconds.
    pub recorded_at: Timestamp,
    /// The exact JSON text that was appended.
    pub payload: String,
    /// SHA-256 over the previous hash and this event; see [`crate::chain_hash`].
    pub hash: [u8; 32],
    /// The payload with its sealed leaves opened, once [`crate::seal::Keyring::open_in_op`] found any. Never hashed.
    pub opened: Option<String>,
}

impl RecordedEvent {
    /// What is to be decoded: the payload, opened where it was sealed.
    pub fn plain(&self) -> &str {
        self.opened.as_deref().unwrap_or(&self.payload)
    }
}

/// The select list that [`RecordedEvent`] is read from. A macro, because queries must be literals.
macro_rules! select_event {
    ($rest:literal) => {
        concat!(
            "select tenant_id, position, category, stream_id, version, event_type, event_version, actor, command_id,
                    causation, correlation_id, occurred_at, recorded_at, payload::text as payload, hash
             from public.event ",
            $rest
        )
    };
}
pub(crate) use select_event;

impl FromRow<'_, PgRow> for RecordedEvent {
    fn from_row(row: &PgRow) -> Result<Self, sqlx::Error> {
        Ok(Self {
            tenant_id: row.try_get(0)?,
            position: row.try_get(1)?,
            category: row.try_get(2)?,
            stream_id: row.try_get(3)?,
            version: row.try_get(4)?,
            event_type: row.try_get(5)?,
            event_version: row.try_get(6)?,
            actor: row.try_get(7)?,
            command_id: row.try_get(8)?,
            causation: row.try_get(9)?,
            correlation_id: row.try_get(10)?,
            occurred_at: row.try_get::<jiff_sqlx::Timestamp, _>(11)?.to_jiff(),
            recorded_at: row.try_get::<jiff_sqlx::Timestamp, _>(12)?.to_jiff(),
            payload: row.try_get(13)?,
            hash: row.try_get(14)?,
            opened: None,
        })
    }
}
