//! Appending: one round trip, all or nothing, the last statement before the commit.

use std::collections::HashMap;

use jiff::Timestamp;
use jiff_sqlx::ToSqlx;
use serde::Deserialize;
use sqlx::postgres::PgDatabaseError;
use sqlx::{PgConnection, Row};
use uuid::Uuid;

use crate::command::CommandKey;
use crate::hash::whole_microseconds;

/// An event that is about to be recorded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewEvent {
    /// Past-tense name of the fact.
    pub event_type: &'static str,
    /// Which shape of that type the payload has.
    pub event_version: i16,
    /// The exact JSON text to keep and to hash; it is never re-serialised.
    pub payload: String,
}

/// What one append adds to one stream.
///
/// Without events it only asks that the stream still stands at `expected_version`. The same stream may come again
/// later in the same append if its `expected_version` continues where the earlier part stopped.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StreamWrite {
    /// The noun that the stream belongs to.
    pub category: &'static str,
    /// The stream.
    pub stream_id: Uuid,
    /// The version that the decision was made on; 0 = the stream must not exist.
    pub expected_version: i64,
    /// The new events, which become versions `expected_version` + 1, + 2 and so on.
    pub events: Vec<NewEvent>,
}

/// One append. Events get positions in the order given: streams in order, events in order inside a stream.
#[derive(Debug, Clone)]
pub struct Append<'a> {
    /// The organization; the transaction must have called [`crate::set_tenant_in_op`] with it.
    pub tenant_id: Uuid,
    /// Who does it; also the scope of the command key.
    pub actor: &'a str,
    /// The command that is carried out.
    pub command_id: Uuid,
    /// Ties everything together that follows from one request.
    pub correlation_id: Uuid,
    /// Position of the event that this append reacts to.
    pub causation: Option<i64>,
    /// The tenant's clock. Recorded is the later of this and the head's, so tenant time never goes backwards.
    pub occurred_at: Timestamp,
    /// Wall time.
    pub recorded_at: Timestamp,
    /// What is written, stream by stream.
    pub streams: Vec<StreamWrite>,
    /// The caller's idempotency key, if there is one.
    pub command_key: Option<CommandKey>,
}

/// Where the events went.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Appended {
    /// Position of the first event of this append.
    pub first_position: i64,
    /// Position of the last event of this append.
    pub last_position: i64,
    /// The organization's new head hash.
    pub head_hash: [u8; 32],
    /// Tenant time as recorded.
    pub occurred_at: Timestamp,
}

/// Why nothing was appended. Unless it is [`AppendError::Empty`], or a conflict inside the append itself, `PostgreSQL` has
/// aborted the transaction and it can only be rolled back.
#[derive(Debug, thiserror::Error)]
pub enum AppendError {
    /// Somebody else wrote to the stream first: load it again and decide again.
    #[error("stream {stream_id} stands at version {actual}, not at the expected {expected}")]
    VersionConflict {
        /// The stream.
        stream_id: Uuid,
        /// The version that the decision was made on.
        expected: i64,
        /// The version that the stream has.
        actual: i64,
    },
    /// The command key is remembered already: look it up in a new transaction and replay or refuse.
    #[error("the command key was already used")]
    CommandKeyTaken,
    /// There was no event to append.
    #[error("an append needs at least one event")]
    Empty,
    /// `PostgreSQL` or the connection failed.
    #[error("appending to the event log failed")]
    Database(#[source] sqlx::Error),
}

/// The arrays that `append_events` takes: one entry per checked stream, one entry per event.
#[derive(Default)]
struct Arrays {
    written_streams: Vec<Uuid>,
    expected_versions: Vec<i64>,
    categories: Vec<&'static str>,
    stream_ids: Vec<Uuid>,
    versions: Vec<i64>,
    types: Vec<&'static str>,
    event_versions: Vec<i16>,
    payloads: Vec<String>,
}

impl Arrays {
    fn from_streams(streams: Vec<StreamWrite>) -> Result<Self, AppendError> {
        let mut arrays = Self::default();
        let mut last_versions: HashMap<Uuid, i64> = HashMap::with_capacity(streams.len());
        for stream in streams {
            let stream_id = stream.stream_id;
            let expected = stream.expected_version;
            match last_versions.get(&stream_id) {
                None => {
                    arrays.written_streams.push(stream_id);
                    arrays.expected_versions.push(expected);
                }
                Some(&actual) if actual == expected => {}
                Some(&actual) => {
                    return Err(AppendError::VersionConflict {
                        stream_id,
                        expected,
                        actual,
                    });
                }
            }
            let mut version = expected;
            for event in stream.events {
                version += 1;
                arrays.categories.push(stream.category);
                arrays.stream_ids.push(stream_id);
                arrays.versions.push(version);
                arrays.types.push(event.event_type);
                arrays.event_versions.push(event.event_version);
                arrays.payloads.push(event.payload);
            }
            last_versions.insert(stream_id, version);
        }
        if arrays.versions.is_empty() {
            return Err(AppendError::Empty);
        }
        Ok(arrays)
    }
}

/// Appends inside the caller's transaction, in one round trip.
///
/// Call it last: from here to the commit the organization's head row is locked and every other append of the same
/// organization waits. The events are visible, gapless and chained once the transaction commits; a rollback leaves no
/// trace. A command key that is taken wins over a version conflict, so that two identical requests at the same moment
/// end as one outcome and one replay.
pub async fn append_in_op(conn: &mut PgConnection, append: Append<'_>) -> Result<Appended, AppendError> {
    let arrays = Arrays::from_streams(append.streams)?;
    let (key, request_hash, outcome) = match append.command_key {
        Some(command) => (Some(command.key), Some(command.request_hash), Some(command.outcome)),
        None => (None, None, None),
    };
    let row = sqlx::query(
        "select first_position, last_position, head_hash, tenant_time
         from public.append_events($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18)",
    )
    .bind(append.tenant_id)
    .bind(append.actor)
    .bind(append.command_id)
    .bind(append.correlation_id)
    .bind(append.causation)
    .bind(whole_microseconds(append.occurred_at).to_sqlx())
    .bind(whole_microseconds(append.recorded_at).to_sqlx())
    .bind(arrays.written_streams)
    .bind(arrays.expected_versions)
    .bind(arrays.categories)
    .bind(arrays.stream_ids)
    .bind(arrays.versions)
    .bind(arrays.types)
    .bind(arrays.event_versions)
    .bind(arrays.payloads)
    .bind(key)
    .bind(request_hash)
    .bind(outcome)
    .fetch_one(conn)
    .await
    .map_err(from_database)?;
    read_appended(&row).map_err(AppendError::Database)
}

fn read_appended(row: &sqlx::postgres::PgRow) -> Result<Appended, sqlx::Error> {
    Ok(Appended {
        first_position: row.try_get("first_position")?,
        last_position: row.try_get("last_position")?,
        head_hash: row.try_get("head_hash")?,
        occurred_at: row.try_get::<jiff_sqlx::Timestamp, _>("tenant_time")?.to_jiff(),
    })
}

/// The detail of SQLSTATE CT001, which `append_events` writes as JSON.
#[derive(Deserialize)]
struct ConflictDetail {
    stream_id: Uuid,
    expected: i64,
    actual: i64,
}

fn from_database(error: sqlx::Error) -> AppendError {
    let Some(database) = error.as_database_error() else {
        return AppendError::Database(error);
    };
    match database.code().as_deref() {
        Some("CT001") => {
            let detail = database
                .try_downcast_ref::<PgDatabaseError>()
                .and_then(PgDatabaseError::detail)
                .and_then(|detail| serde_json::from_str::<ConflictDetail>(detail).ok());
            match detail {
                Some(ConflictDetail {
                    stream_id,
                    expected,
                    actual,
                }) => AppendError::VersionConflict {
                    stream_id,
                    expected,
                    actual,
                },
                None => AppendError::Database(error),
            }
        }
        Some("CT002") => AppendError::CommandKeyTaken,
        _ => AppendError::Database(error),
    }
}
