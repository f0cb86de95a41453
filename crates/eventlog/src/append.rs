//! Appending: one round trip, all or nothing, the last statement before the commit.

use jiff::Timestamp;
use serde::Deserialize;
use sqlx::postgres::PgDatabaseError;
use sqlx::{Connection, PgConnection, PgPool};
use uuid::Uuid;

use crate::batch::{Batch, Tenant};
use crate::command::CommandKey;
use crate::head::{Head, head_to_append};

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
    /// Where the caller last saw the head, if it did. It need not stand there any more; if it does, an append costs less, because
    /// position, time and hashes are computed here.
    pub known_head: Option<Head>,
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

impl Appended {
    /// Where the log stands since.
    pub fn head(&self) -> Head {
        Head {
            position: self.last_position,
            hash: self.head_hash,
            occurred_at: self.occurred_at,
        }
    }
}

/// Why nothing was appended. Unless it is [`AppendError::Empty`], or a conflict inside the append itself, `PostgreSQL` has
/// aborted the transaction and it can only be rolled back.
#[derive(Debug, thiserror::Error)]
pub enum AppendError {
    /// Somebody else wrote to the stream first: load it again and decide again.
    #[error("stream {stream_id} does not stand at the expected version {expected}, but at {actual:?}")]
    VersionConflict {
        /// The stream.
        stream_id: Uuid,
        /// The version that the decision was made on.
        expected: i64,
        /// The version that the stream has; `None` when only the index noticed that it is past the expected one.
        actual: Option<i64>,
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

/// From so many events on, a head that nobody knows is worth a round trip of its own.
const WORTH_ASKING: usize = 64;

/// Appends inside the caller's transaction, in one round trip where the head is known or the events are few. A head that has moved
/// costs another one, and many events that know none ask for it first.
///
/// Call it last: from here to the commit the organization's head row is locked and every other append of the same
/// organization waits. The events are visible, gapless and chained once the transaction commits; a rollback leaves no
/// trace. A command key that is taken wins over a version conflict, so that two identical requests at the same moment
/// end as one outcome and one replay.
pub async fn append_in_op(conn: &mut PgConnection, append: Append<'_>) -> Result<Appended, AppendError> {
    let known = append.known_head;
    let batch = Batch::of(append)?;
    if let Some(head) = known
        && let Some(appended) = batch.append_to(conn, Tenant::Named, head).await?
    {
        return Ok(appended);
    }
    if batch.len() >= WORTH_ASKING {
        return locked(conn, &batch).await;
    }
    batch.append(conn, Tenant::Named).await
}

/// Appends what needs no guard: one statement that names the tenant and commits by itself, so one round trip in all, but where the
/// known head has moved. Many events that do not know where it stands are a transaction.
pub async fn append(pool: &PgPool, append: Append<'_>) -> Result<Appended, AppendError> {
    let known = append.known_head;
    let batch = Batch::of(append)?;
    let mut conn = pool.acquire().await.map_err(AppendError::Database)?;
    if let Some(head) = known
        && let Some(appended) = batch.append_to(&mut conn, Tenant::ToBeNamed, head).await?
    {
        return Ok(appended);
    }
    if batch.len() < WORTH_ASKING {
        return batch.append(&mut conn, Tenant::ToBeNamed).await;
    }
    let mut tx = conn.begin().await.map_err(AppendError::Database)?;
    crate::set_tenant_in_op(&mut tx, batch.tenant_id)
        .await
        .map_err(AppendError::Database)?;
    let appended = locked(&mut tx, &batch).await?;
    tx.commit().await.map_err(AppendError::Database)?;
    Ok(appended)
}

/// Appends many events after a head that is asked for and locked first.
async fn locked(conn: &mut PgConnection, batch: &Batch<'_>) -> Result<Appended, AppendError> {
    let head = head_to_append(conn, batch.tenant_id)
        .await
        .map_err(AppendError::Database)?;
    if let Some(head) = head
        && let Some(appended) = batch.append_to(conn, Tenant::Named, head).await?
    {
        return Ok(appended);
    }
    // There is no head yet.
    batch.append(conn, Tenant::Named).await
}

/// The detail of SQLSTATE CT001, which `refuse_version` writes as JSON.
#[derive(Deserialize)]
struct ConflictDetail {
    stream_id: Uuid,
    expected: i64,
    actual: i64,
}

/// The index that notices a stream which went on.
const ONE_VERSION: &str = "event_tenant_id_stream_id_version_key";

pub(crate) fn from_database(error: sqlx::Error, batch: &Batch<'_>) -> AppendError {
    let Some(database) = error.as_database_error() else {
        return AppendError::Database(error);
    };
    let detail = database
        .try_downcast_ref::<PgDatabaseError>()
        .and_then(PgDatabaseError::detail);
    match database.code().as_deref() {
        Some("CT001") => match detail.and_then(|detail| serde_json::from_str::<ConflictDetail>(detail).ok()) {
            Some(ConflictDetail {
                stream_id,
                expected,
                actual,
            }) => AppendError::VersionConflict {
                stream_id,
                expected,
                actual: Some(actual),
            },
            None => AppendError::Database(error),
        },
        Some("CT002") => AppendError::CommandKeyTaken,
        Some("23505") if database.constraint() == Some(ONE_VERSION) => {
            let (stream_id, expected) = batch.refused_by_index();
            AppendError::VersionConflict {
                stream_id,
                expected,
                actual: None,
            }
        }
        _ => AppendError::Database(error),
    }
}
