//! Appending: one round trip, all or nothing, the last statement before the commit.

use std::collections::HashMap;

use jiff::Timestamp;
use jiff_sqlx::ToSqlx;
use serde::Deserialize;
use sqlx::postgres::PgDatabaseError;
use sqlx::{PgConnection, PgPool};
use uuid::Uuid;

use crate::command::CommandKey;
use crate::hash::{After, Before, instant, next_hash, whole_microseconds};
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
    /// Where the caller last saw the head, if it did. It need not stand there any more; if it does, an append of many events
    /// costs less, because their hashes are computed here.
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

/// The arrays that `append_events` takes: one entry per event, and one per stream that must stand at a version.
#[derive(Default)]
struct Arrays {
    categories: Vec<&'static str>,
    stream_ids: Vec<Uuid>,
    versions: Vec<i64>,
    types: Vec<&'static str>,
    event_versions: Vec<i16>,
    payloads: Vec<String>,
    asked_streams: Vec<Uuid>,
    asked_versions: Vec<i64>,
}

impl Arrays {
    fn from_streams(streams: Vec<StreamWrite>) -> Result<Self, AppendError> {
        let mut arrays = Self::default();
        let mut last_versions: HashMap<Uuid, i64> = HashMap::new();
        for stream in streams {
            let stream_id = stream.stream_id;
            let expected = stream.expected_version;
            match last_versions.get(&stream_id) {
                Some(&actual) if actual != expected => {
                    return Err(AppendError::VersionConflict {
                        stream_id,
                        expected,
                        actual: Some(actual),
                    });
                }
                // A stream that begins here is held by the unique index.
                None if expected > 0 || stream.events.is_empty() => {
                    arrays.asked_streams.push(stream_id);
                    arrays.asked_versions.push(expected);
                }
                _ => {}
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

    /// What the envelope of an event ends with.
    fn after(&self, index: usize) -> After<'_> {
        After {
            category: self.categories[index],
            stream: self.stream_ids[index],
            version: self.versions[index],
            event_type: self.types[index],
            event_version: self.event_versions[index],
            payload: &self.payloads[index],
        }
    }

    fn afters(&self) -> impl Iterator<Item = After<'_>> {
        (0..self.versions.len()).map(|index| self.after(index))
    }

    /// One event, and nothing else is asked for than that its own stream goes on.
    fn is_single(&self) -> bool {
        self.versions.len() == 1 && self.asked_streams.iter().all(|asked| *asked == self.stream_ids[0])
    }

    /// The version before the first new one of a stream, for the sentence of a conflict.
    fn expected_of(&self, stream_id: Uuid) -> i64 {
        let of_stream = self.stream_ids.iter().zip(&self.versions);
        of_stream
            .filter(|(id, _)| **id == stream_id)
            .map(|(_, version)| version - 1)
            .min()
            .unwrap_or(0)
    }
}

/// From so many events on, payloads are not sent a second time for the case that the known head has moved: then the head is
/// told, and asking again is worth it.
const NOT_SENT_TWICE: usize = 8;
/// From so many events on, an unknown head is worth a round trip of its own.
const WORTH_ASKING: usize = 64;

/// Appends inside the caller's transaction, in one round trip, or two where many events meet a head that moved.
///
/// Call it last: from here to the commit the organization's head row is locked and every other append of the same
/// organization waits. The events are visible, gapless and chained once the transaction commits; a rollback leaves no
/// trace. A command key that is taken wins over a version conflict, so that two identical requests at the same moment
/// end as one outcome and one replay.
pub async fn append_in_op(conn: &mut PgConnection, append: Append<'_>) -> Result<Appended, AppendError> {
    let batch = Batch::of(append)?;
    let known = match batch.known_head {
        None if batch.len() >= WORTH_ASKING => head_to_append(conn, batch.tenant_id)
            .await
            .map_err(AppendError::Database)?,
        known => known,
    };
    match batch.append(conn, Tenant::Named, known).await? {
        (true, appended) => Ok(appended),
        // It has moved, and now it is locked and told.
        (false, stands) => Ok(batch.append(conn, Tenant::Named, Some(stands.head())).await?.1),
    }
}

/// Appends what needs no guard: one statement that names the tenant and commits by itself, so one round trip in all. Where
/// many events do not know their head, it is a transaction.
pub async fn append(pool: &PgPool, append: Append<'_>) -> Result<Appended, AppendError> {
    let batch = Batch::of(append)?;
    let known = batch.known_head;
    if known.is_some() || batch.len() < WORTH_ASKING {
        let mut conn = pool.acquire().await.map_err(AppendError::Database)?;
        if let (true, appended) = batch.append(&mut conn, Tenant::ToBeNamed, known).await? {
            return Ok(appended);
        }
    }
    let mut tx = pool.begin().await.map_err(AppendError::Database)?;
    crate::set_tenant_in_op(&mut tx, batch.tenant_id)
        .await
        .map_err(AppendError::Database)?;
    let head = head_to_append(&mut tx, batch.tenant_id)
        .await
        .map_err(AppendError::Database)?;
    let (_, appended) = batch.append(&mut tx, Tenant::Named, head).await?;
    tx.commit().await.map_err(AppendError::Database)?;
    Ok(appended)
}

/// Who has named the organization to row-level security.
#[derive(Clone, Copy)]
enum Tenant {
    /// The transaction around the statement.
    Named,
    /// Nobody yet: the statement's first argument does it, for the statement's own transaction.
    ToBeNamed,
}

/// The call of an append function; its first argument is the tenant and may name it as well.
macro_rules! call {
    ($tenant:expr, $function:literal, $rest:literal) => {
        match $tenant {
            Tenant::Named => concat!("select public.", $function, "($1::text::uuid, ", $rest),
            Tenant::ToBeNamed => concat!(
                "select public.",
                $function,
                "(set_config('app.tenant', $1, true)::uuid, ",
                $rest
            ),
        }
    };
}

/// Last position, head hash, tenant time. Where the head stood as known there is none: it is what the caller computed.
type Answer = (i64, [u8; 32], jiff_sqlx::Timestamp);
/// The same, and whether the head had moved: then nothing was written and the rest says where it stands.
type AnswerOfMany = (i64, [u8; 32], jiff_sqlx::Timestamp, bool);

fn not_moved((position, hash, time): Answer) -> AnswerOfMany {
    (position, hash, time, false)
}

/// Where a head stands after so many hashes.
fn position_after(head: Head, hashes: &[[u8; 32]]) -> i64 {
    head.position
        .saturating_add(i64::try_from(hashes.len()).unwrap_or(i64::MAX))
}

/// An append laid out, so that it can be sent again if its head has moved.
struct Batch<'a> {
    tenant_id: Uuid,
    actor: &'a str,
    command_id: Uuid,
    correlation_id: Uuid,
    causation: Option<i64>,
    occurred_at: Timestamp,
    recorded_at: Timestamp,
    arrays: Arrays,
    command_key: Option<CommandKey>,
    known_head: Option<Head>,
    /// What every envelope of this append starts with.
    before: Vec<u8>,
}

impl<'a> Batch<'a> {
    fn of(append: Append<'a>) -> Result<Self, AppendError> {
        let before = Before {
            tenant: append.tenant_id,
            actor: append.actor,
            command: append.command_id,
            causation: append.causation,
            correlation: append.correlation_id,
        };
        Ok(Self {
            before: before.bytes(),
            tenant_id: append.tenant_id,
            actor: append.actor,
            command_id: append.command_id,
            correlation_id: append.correlation_id,
            causation: append.causation,
            occurred_at: whole_microseconds(append.occurred_at),
            recorded_at: whole_microseconds(append.recorded_at),
            arrays: Arrays::from_streams(append.streams)?,
            command_key: append.command_key,
            known_head: append.known_head,
        })
    }

    fn len(&self) -> usize {
        self.arrays.versions.len()
    }

    /// The hashes that follow from a head, if what is appended happens at `occurred_at`.
    fn hashes(&self, head: Head, occurred_at: Timestamp) -> Vec<[u8; 32]> {
        let mut same = self.before.clone();
        same.extend_from_slice(&instant(occurred_at));
        same.extend_from_slice(&instant(self.recorded_at));
        let (mut hash, mut position) = (head.hash, head.position);
        let afters = self.arrays.afters();
        afters
            .map(|after| {
                position += 1;
                hash = next_hash(&hash, &same, position, &after);
                hash
            })
            .collect()
    }

    /// What follows from a head: the time, for tenant time never goes back, the hashes, and the last of them.
    fn following(&self, head: Head) -> (Timestamp, Vec<[u8; 32]>, [u8; 32]) {
        let occurred_at = head.occurred_at.max(self.occurred_at);
        let hashes = self.hashes(head, occurred_at);
        let last = hashes.last().copied().unwrap_or(head.hash);
        (occurred_at, hashes, last)
    }

    /// Whether it is written, and where the head stands then.
    async fn append(
        &self,
        conn: &mut PgConnection,
        tenant: Tenant,
        known: Option<Head>,
    ) -> Result<(bool, Appended), AppendError> {
        let single = self.arrays.is_single() && self.command_key.is_none();
        let answer = match (single, known) {
            (true, None) => self.append_one(conn, tenant).await.map(not_moved),
            (true, Some(head)) => self.append_one_to(conn, tenant, head).await.map(not_moved),
            (false, None) => self.append_many(conn, tenant).await,
            (false, Some(head)) => self.append_many_to(conn, tenant, head).await,
        };
        let (last_position, head_hash, tenant_time, moved) =
            answer.map_err(|error| from_database(error, &self.arrays))?;
        let appended = Appended {
            first_position: last_position + 1 - i64::try_from(self.len()).unwrap_or(i64::MAX),
            last_position,
            head_hash,
            occurred_at: tenant_time.to_jiff(),
        };
        Ok((!moved, appended))
    }

    async fn append_one(&self, conn: &mut PgConnection, tenant: Tenant) -> Result<Answer, sqlx::Error> {
        let arrays = &self.arrays;
        sqlx::query_scalar(call!(
            tenant,
            "append_event",
            "$2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17)"
        ))
        .bind(self.tenant_id.to_string())
        .bind(self.occurred_at.to_sqlx())
        .bind(self.occurred_at.as_microsecond())
        .bind(self.recorded_at.to_sqlx())
        .bind(self.actor)
        .bind(self.command_id)
        .bind(self.correlation_id)
        .bind(self.causation)
        .bind(&self.before)
        .bind(instant(self.recorded_at))
        .bind(arrays.categories[0])
        .bind(arrays.stream_ids[0])
        .bind(arrays.versions[0])
        .bind(arrays.types[0])
        .bind(arrays.event_versions[0])
        .bind(arrays.payloads[0].as_str())
        .bind(arrays.after(0).bytes())
        .fetch_one(conn)
        .await
    }

    /// The same for a head that is known. What it is asked for beside the hash is for the case that it has moved.
    async fn append_one_to(&self, conn: &mut PgConnection, tenant: Tenant, head: Head) -> Result<Answer, sqlx::Error> {
        let arrays = &self.arrays;
        let (occurred_at, hashes, hash) = self.following(head);
        let moved: Option<Answer> = sqlx::query_scalar(call!(
            tenant,
            "append_known_event",
            "$2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20)"
        ))
        .bind(self.tenant_id.to_string())
        .bind(head.position)
        .bind(head.hash)
        .bind(hash)
        .bind(occurred_at.to_sqlx())
        .bind(occurred_at.as_microsecond())
        .bind(self.recorded_at.to_sqlx())
        .bind(self.actor)
        .bind(self.command_id)
        .bind(self.correlation_id)
        .bind(self.causation)
        .bind(&self.before)
        .bind(instant(self.recorded_at))
        .bind(arrays.categories[0])
        .bind(arrays.stream_ids[0])
        .bind(arrays.versions[0])
        .bind(arrays.types[0])
        .bind(arrays.event_versions[0])
        .bind(arrays.payloads[0].as_str())
        .bind(arrays.after(0).bytes())
        .fetch_one(conn)
        .await?;
        Ok(moved.unwrap_or_else(|| (position_after(head, &hashes), hash, occurred_at.to_sqlx())))
    }

    async fn append_many(&self, conn: &mut PgConnection, tenant: Tenant) -> Result<AnswerOfMany, sqlx::Error> {
        let arrays = &self.arrays;
        let key = self.command_key.as_ref();
        sqlx::query_scalar(call!(
            tenant,
            "append_events",
            "$2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23, $24)"
        ))
        .bind(self.tenant_id.to_string())
        .bind(self.occurred_at.to_sqlx())
        .bind(self.occurred_at.as_microsecond())
        .bind(self.recorded_at.to_sqlx())
        .bind(self.actor)
        .bind(self.command_id)
        .bind(self.correlation_id)
        .bind(self.causation)
        .bind(&self.before)
        .bind(instant(self.recorded_at))
        .bind(&arrays.categories)
        .bind(&arrays.stream_ids)
        .bind(&arrays.versions)
        .bind(&arrays.types)
        .bind(&arrays.event_versions)
        .bind(&arrays.payloads)
        .bind::<Vec<Vec<u8>>>(arrays.afters().map(|after| after.bytes()).collect())
        .bind(&arrays.asked_streams)
        .bind(&arrays.asked_versions)
        .bind(key.map(|command| command.key.as_str()))
        .bind(key.map(|command| command.request_hash))
        .bind(key.map(|command| &command.outcome))
        .bind(None::<[u8; 32]>)
        .bind(Vec::<[u8; 32]>::new())
        .fetch_one(conn)
        .await
    }

    /// The same for a head that is known.
    async fn append_many_to(
        &self,
        conn: &mut PgConnection,
        tenant: Tenant,
        head: Head,
    ) -> Result<AnswerOfMany, sqlx::Error> {
        let arrays = &self.arrays;
        let (occurred_at, hashes, hash) = self.following(head);
        let position = position_after(head, &hashes);
        let afters: Vec<Vec<u8>> = if self.len() < NOT_SENT_TWICE {
            arrays.afters().map(|after| after.bytes()).collect()
        } else {
            Vec::new()
        };
        let key = self.command_key.as_ref();
        let moved: Option<AnswerOfMany> = sqlx::query_scalar(call!(
            tenant,
            "append_known_events",
            "$2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23, $24, $25)"
        ))
        .bind(self.tenant_id.to_string())
        .bind(head.position)
        .bind(head.hash)
        .bind(hashes)
        .bind(occurred_at.to_sqlx())
        .bind(occurred_at.as_microsecond())
        .bind(self.recorded_at.to_sqlx())
        .bind(self.actor)
        .bind(self.command_id)
        .bind(self.correlation_id)
        .bind(self.causation)
        .bind(&self.before)
        .bind(instant(self.recorded_at))
        .bind(&arrays.categories)
        .bind(&arrays.stream_ids)
        .bind(&arrays.versions)
        .bind(&arrays.types)
        .bind(&arrays.event_versions)
        .bind(&arrays.payloads)
        .bind(afters)
        .bind(&arrays.asked_streams)
        .bind(&arrays.asked_versions)
        .bind(key.map(|command| command.key.as_str()))
        .bind(key.map(|command| command.request_hash))
        .bind(key.map(|command| &command.outcome))
        .fetch_one(conn)
        .await?;
        Ok(moved.unwrap_or_else(|| (position, hash, occurred_at.to_sqlx(), false)))
    }
}

/// The detail of SQLSTATE CT001, which `append_events` writes as JSON.
#[derive(Deserialize)]
struct ConflictDetail {
    stream_id: Uuid,
    expected: i64,
    actual: i64,
}

/// The index that notices a stream which went on.
const ONE_VERSION: &str = "event_tenant_id_stream_id_version_key";

fn from_database(error: sqlx::Error, arrays: &Arrays) -> AppendError {
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
            // The detail reads "Key (tenant_id, stream_id, version)=(.., .., ..) already exists.", in any language with
            // the values in this order.
            let stream_id = detail
                .and_then(|detail| arrays.stream_ids.iter().find(|id| detail.contains(&id.to_string())))
                .or(arrays.stream_ids.first())
                .copied()
                .unwrap_or_default();
            AppendError::VersionConflict {
                stream_id,
                expected: arrays.expected_of(stream_id),
                actual: None,
            }
        }
        _ => AppendError::Database(error),
    }
}
