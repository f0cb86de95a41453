//! An append laid out for the database, so that it can be sent again if its head has moved.

use std::collections::HashMap;

use jiff::Timestamp;
use jiff_sqlx::ToSqlx;
use sqlx::PgConnection;
use uuid::Uuid;

use crate::append::{Append, AppendError, Appended, StreamWrite, from_database};
use crate::command::CommandKey;
use crate::hash::{After, Before, instant, next_hash, whole_microseconds};
use crate::head::Head;

/// One entry per event, and one per stream that must stand at a version.
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
}

/// Who has named the organization to row-level security.
#[derive(Clone, Copy)]
pub(crate) enum Tenant {
    /// The transaction around the statement.
    Named,
    /// Nobody yet: the statement's first argument does it, for the statement's own transaction.
    ToBeNamed,
}

/// A statement in two shapes: its first parameter is the tenant as text, and may name it as well.
macro_rules! naming {
    ($tenant:expr, $before:literal, $after:literal) => {
        match $tenant {
            Tenant::Named => concat!($before, "$1::text::uuid", $after),
            Tenant::ToBeNamed => concat!($before, "set_config('app.tenant', $1, true)::uuid", $after),
        }
    };
}

/// Last position, head hash, tenant time.
type Answer = (i64, [u8; 32], jiff_sqlx::Timestamp);

/// What must hold of the streams, as `take_head` asks.
struct Asked<'a> {
    /// The stream that is continued, and its last version.
    continued: Option<(Uuid, i64)>,
    /// Several of them, or some that nothing is added to.
    streams: Option<&'a Vec<Uuid>>,
    versions: Option<&'a Vec<i64>>,
}

/// An append laid out.
pub(crate) struct Batch<'a> {
    pub(crate) tenant_id: Uuid,
    actor: &'a str,
    command_id: Uuid,
    correlation_id: Uuid,
    causation: Option<i64>,
    occurred_at: Timestamp,
    recorded_at: Timestamp,
    arrays: Arrays,
    command_key: Option<CommandKey>,
    /// What every envelope of this append starts with.
    before: Vec<u8>,
}

impl<'a> Batch<'a> {
    pub(crate) fn of(append: Append<'a>) -> Result<Self, AppendError> {
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
        })
    }

    pub(crate) fn len(&self) -> usize {
        self.arrays.versions.len()
    }

    /// The streams that are written to, in the order of the events.
    pub(crate) fn streams(&self) -> &[Uuid] {
        &self.arrays.stream_ids
    }

    /// The stream that the index refuses, and the version that it was expected at. Row-level security hides from `PostgreSQL`'s
    /// answer which it is: one that begins here, for those that go on beside others were asked for; else the only one.
    pub(crate) fn refused_by_index(&self) -> (Uuid, i64) {
        let mut written = self.streams().iter().zip(&self.arrays.versions);
        let first = written.clone().next();
        let refused = written.find(|(_, version)| **version == 1).or(first);
        refused.map_or((Uuid::nil(), 0), |(stream, version)| (*stream, version - 1))
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

    /// Appends after a head that is known. `None`: it has moved, and nothing is written.
    pub(crate) async fn append_to(
        &self,
        conn: &mut PgConnection,
        tenant: Tenant,
        head: Head,
    ) -> Result<Option<Appended>, AppendError> {
        // Tenant time never goes back.
        let occurred_at = head.occurred_at.max(self.occurred_at);
        let hashes = self.hashes(head, occurred_at);
        let appended = Appended {
            first_position: head.position + 1,
            last_position: head
                .position
                .saturating_add(i64::try_from(hashes.len()).unwrap_or(i64::MAX)),
            head_hash: hashes.last().copied().unwrap_or(head.hash),
            occurred_at,
        };
        let written = if self.len() == 1 {
            self.insert_one(conn, tenant, head, &appended).await
        } else {
            self.insert_many(conn, tenant, head, &appended, hashes).await
        };
        match written.map_err(|error| from_database(error, self))? {
            0 => Ok(None),
            _ => Ok(Some(appended)),
        }
    }

    /// Appends after whatever head there is.
    pub(crate) async fn append(&self, conn: &mut PgConnection, tenant: Tenant) -> Result<Appended, AppendError> {
        let single = self.arrays.is_single() && self.command_key.is_none();
        let answer = if single {
            self.append_one(conn, tenant).await
        } else {
            self.append_many(conn, tenant).await
        };
        let (last_position, head_hash, tenant_time) = answer.map_err(|error| from_database(error, self))?;
        Ok(Appended {
            first_position: last_position + 1 - i64::try_from(self.len()).unwrap_or(i64::MAX),
            last_position,
            head_hash,
            occurred_at: tenant_time.to_jiff(),
        })
    }

    /// A stream that goes on, and nothing else, is asked for by itself, which costs the database less: only that its last version is
    /// there. That nobody wrote the next one is left to the index, whose refusal does not say which stream it means.
    fn asked(&self) -> Asked<'_> {
        let Arrays {
            asked_streams,
            asked_versions,
            ..
        } = &self.arrays;
        match (asked_streams.as_slice(), asked_versions.as_slice()) {
            ([], _) => Asked {
                continued: None,
                streams: None,
                versions: None,
            },
            ([stream], [version]) if *version > 0 && self.streams().iter().all(|written| written == stream) => Asked {
                continued: Some((*stream, *version)),
                streams: None,
                versions: None,
            },
            _ => Asked {
                continued: None,
                streams: Some(asked_streams),
                versions: Some(asked_versions),
            },
        }
    }

    /// The parameters that both INSERTs begin with: what `take_head` asks for, and what is the same in every row.
    fn inserting<'q>(
        &'q self,
        statement: &'static str,
        head: Head,
        appended: &Appended,
    ) -> sqlx::query::Query<'q, sqlx::Postgres, sqlx::postgres::PgArguments> {
        let asked = self.asked();
        let key = self.command_key.as_ref();
        sqlx::query(statement)
            .bind(self.tenant_id.to_string())
            .bind(head.position)
            .bind(head.hash)
            .bind(appended.last_position)
            .bind(appended.head_hash)
            .bind(appended.occurred_at.to_sqlx())
            .bind(self.recorded_at.to_sqlx())
            .bind(asked.continued.map(|(stream, _)| stream))
            .bind(asked.continued.map(|(_, version)| version))
            .bind(asked.streams)
            .bind(asked.versions)
            .bind(self.actor)
            .bind(key.map(|command| command.key.as_str()))
            .bind(key.map(|command| command.request_hash))
            .bind(key.map(|command| &command.outcome))
            .bind(self.tenant_id)
            .bind(self.command_id)
            .bind(self.correlation_id)
            .bind(self.causation)
    }

    async fn insert_one(
        &self,
        conn: &mut PgConnection,
        tenant: Tenant,
        head: Head,
        appended: &Appended,
    ) -> Result<u64, sqlx::Error> {
        let arrays = &self.arrays;
        let statement = naming!(
            tenant,
            "insert into public.event (tenant_id, position, category, stream_id, version, event_type, event_version, actor,
                                       command_id, causation, correlation_id, occurred_at, recorded_at, payload, hash)
             select $16, $4, $20, $21, $22, $23, $24, $12, $17, $19, $18, $6, $7, $25::json, $5
             where public.take_head(",
            ", $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)"
        );
        let written = self
            .inserting(statement, head, appended)
            .bind(arrays.categories[0])
            .bind(arrays.stream_ids[0])
            .bind(arrays.versions[0])
            .bind(arrays.types[0])
            .bind(arrays.event_versions[0])
            .bind(arrays.payloads[0].as_str())
            .execute(conn)
            .await?;
        Ok(written.rows_affected())
    }

    async fn insert_many(
        &self,
        conn: &mut PgConnection,
        tenant: Tenant,
        head: Head,
        appended: &Appended,
        hashes: Vec<[u8; 32]>,
    ) -> Result<u64, sqlx::Error> {
        let arrays = &self.arrays;
        // The sub-select depends on no row, so the head is taken once, and before the first row.
        let statement = naming!(
            tenant,
            "insert into public.event (tenant_id, position, category, stream_id, version, event_type, event_version, actor,
                                       command_id, causation, correlation_id, occurred_at, recorded_at, payload, hash)
             select $16, $2 + n.ordinality, n.category, n.stream_id, n.version, n.event_type, n.event_version, $12, $17, $19,
                    $18, $6, $7, n.payload::json, n.hash
             from unnest($20::text[], $21::uuid[], $22::bigint[], $23::text[], $24::smallint[], $25::text[], $26::bytea[])
                 with ordinality
                 as n (category, stream_id, version, event_type, event_version, payload, hash, ordinality)
             where (select public.take_head(",
            ", $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15))"
        );
        let written = self
            .inserting(statement, head, appended)
            .bind(&arrays.categories)
            .bind(&arrays.stream_ids)
            .bind(&arrays.versions)
            .bind(&arrays.types)
            .bind(&arrays.event_versions)
            .bind(&arrays.payloads)
            .bind(hashes)
            .execute(conn)
            .await?;
        Ok(written.rows_affected())
    }

    async fn append_one(&self, conn: &mut PgConnection, tenant: Tenant) -> Result<Answer, sqlx::Error> {
        let arrays = &self.arrays;
        let statement = naming!(
            tenant,
            "select public.append_event(",
            ", $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17)"
        );
        self.calling(statement)
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

    async fn append_many(&self, conn: &mut PgConnection, tenant: Tenant) -> Result<Answer, sqlx::Error> {
        let arrays = &self.arrays;
        let key = self.command_key.as_ref();
        let statement = naming!(
            tenant,
            "select public.append_events(",
            ", $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22)"
        );
        self.calling(statement)
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
            .fetch_one(conn)
            .await
    }

    /// The arguments that both functions begin with: what the append is, and what every envelope has in common.
    fn calling<'q>(
        &'q self,
        statement: &'static str,
    ) -> sqlx::query::QueryScalar<'q, sqlx::Postgres, Answer, sqlx::postgres::PgArguments> {
        sqlx::query_scalar(statement)
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
    }
}
