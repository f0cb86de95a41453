//! One use case = one transaction. An operation sets the tenant, reads the organization's clock, gathers what the domain
//! decided, and appends it as the last statement before the commit.

use crate::{App, Caller, UseCaseError, catalogue, clock, seal};
use coterie_domain::{DomainEvent, catalogue::Catalogue};
use coterie_eventlog::{
    Append, CommandKey, Head, NewEvent, RecordedEvent, RememberedCommand, StreamWrite,
    seal::{Mark, Pending},
};
use jiff::Timestamp;
use jiff_sqlx::ToSqlx;
use serde::{Serialize, de::DeserializeOwned};
use sqlx::{PgConnection, Postgres, Row, Transaction};
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};
use uuid::Uuid;

/// Events read for one aggregate; a stream never gets near it.
pub(crate) const STREAM_LIMIT: i64 = 10_000;

/// What a command leads to, the log position at which it is visible, and whether this answer was remembered.
#[derive(Debug, Clone, PartialEq)]
pub struct Done<T> {
    pub outcome: T,
    pub position: i64,
    pub replayed: bool,
}

impl<T> Done<T> {
    /// The same with another outcome.
    pub fn map<U>(self, change: impl FnOnce(T) -> U) -> Done<U> {
        Done {
            outcome: change(self.outcome),
            position: self.position,
            replayed: self.replayed,
        }
    }
}

pub type Outcome<T> = Result<Done<T>, UseCaseError>;

/// A command that is new, or the remembered answer of one that was carried out before.
pub enum Start<T> {
    Fresh(Box<Operation>),
    Replay(Done<T>),
}

pub struct Operation {
    tx: Transaction<'static, Postgres>,
    app: App,
    caller: Caller,
    /// The organization's clock: wall time, or the test clock of a sandbox.
    pub now: Timestamp,
    pub sandbox: bool,
    /// Where the log stood when the operation was opened.
    known_head: Option<Head>,
    /// The last event of the catalogue when this operation began.
    catalogue_position: i64,
    streams: Vec<StreamWrite>,
    /// What is personal in each event of `streams`, in their order.
    marks: Vec<Vec<Mark>>,
}

impl Operation {
    /// Opens the transaction; answers a command key that was used before.
    ///
    /// # Errors
    /// `KeyReused` when the key was used for another request; `NotFound` for an unknown organization.
    pub async fn begin<T: DeserializeOwned>(app: &App, caller: &Caller) -> Result<Start<T>, UseCaseError> {
        let (operation, known) = Self::opened(app, caller).await?;
        let Some((known, idempotency)) = known.zip(caller.idempotency.as_ref()) else {
            return Ok(Start::Fresh(Box::new(operation)));
        };
        if known.request_hash != idempotency.request_hash {
            return Err(UseCaseError::KeyReused);
        }
        let outcome = serde_json::from_value(known.outcome)
            .map_err(|error| UseCaseError::Broken(format!("a remembered outcome: {error}")))?;
        Ok(Start::Replay(Done {
            outcome,
            position: known.position,
            replayed: true,
        }))
    }

    /// Opens the transaction for what has no command key: alarms, reactions, recorded outcomes.
    ///
    /// # Errors
    /// `NotFound` for an unknown organization.
    pub async fn open(app: &App, caller: &Caller) -> Result<Self, UseCaseError> {
        Ok(Self::opened(app, caller).await?.0)
    }

    /// The same where a connection is free, for what only reads and can be left; `None` where all are needed.
    ///
    /// # Errors
    /// As [`Operation::open`].
    pub(crate) async fn open_if_free(app: &App, caller: &Caller) -> Result<Option<Self>, UseCaseError> {
        let Some(tx) = coterie_eventlog::begin_if_free(&app.pool, caller.tenant).await? else {
            return Ok(None);
        };
        Ok(Some(Self::opened_on(app, caller, tx).await?.0))
    }

    async fn opened(app: &App, caller: &Caller) -> Result<(Self, Option<RememberedCommand>), UseCaseError> {
        let tx = coterie_eventlog::begin(&app.pool, caller.tenant).await?;
        Self::opened_on(app, caller, tx).await
    }

    /// Reads, at once, all that every use case begins with: the organization's clock, where its catalogue stands, and what is
    /// remembered under the caller's command key.
    async fn opened_on(
        app: &App,
        caller: &Caller,
        mut tx: Transaction<'static, Postgres>,
    ) -> Result<(Self, Option<RememberedCommand>), UseCaseError> {
        let key = caller.idempotency.as_ref().map(|idempotency| idempotency.key.as_str());
        let row = sqlx::query(
            "select o.sandbox, o.clock_now, h.position, h.hash, h.occurred_at, coalesce(c.position, 0) as catalogue_position,
                    k.request_hash, k.outcome, k.position as key_position
             from organization o
             left join event_head h on h.tenant_id = o.tenant_id
             left join catalogue_head c on c.tenant_id = o.tenant_id
             left join command_key k on k.tenant_id = o.tenant_id and k.actor = $2 and k.key = $3
             where o.tenant_id = $1",
        )
        .bind(caller.tenant)
        .bind(key.map(|_| caller.actor.label()))
        .bind(key)
        .fetch_optional(&mut *tx)
        .await?;
        let row = row.ok_or(UseCaseError::NotFound)?;
        let request_hash: Option<[u8; 32]> = row.try_get("request_hash")?;
        let known = match request_hash {
            Some(request_hash) => Some(RememberedCommand {
                request_hash,
                outcome: row.try_get("outcome")?,
                position: row.try_get("key_position")?,
            }),
            None => None,
        };
        let test_clock: Option<jiff_sqlx::Timestamp> = row.try_get("clock_now")?;
        let sandbox: bool = row.try_get("sandbox")?;
        // What is decided now is recorded no earlier than what was decided before, so it is not decided earlier either:
        // the machine's clock may have been set back.
        let position: Option<i64> = row.try_get("position")?;
        let known_head = position.map(|_| Head::from_row(&row)).transpose()?;
        let now = test_clock.map_or_else(clock::wall_now, jiff_sqlx::Timestamp::to_jiff);
        let now = known_head.map_or(now, |head| now.max(head.occurred_at));
        let operation = Self {
            tx,
            app: app.clone(),
            caller: caller.clone(),
            now,
            sandbox,
            known_head,
            catalogue_position: row.try_get("catalogue_position")?,
            streams: Vec::new(),
            marks: Vec::new(),
        };
        Ok((operation, known))
    }

    /// An operation on a transaction that already has the tenant set, for opening an organization.
    pub(crate) fn join(
        app: &App,
        caller: &Caller,
        tx: Transaction<'static, Postgres>,
        now: Timestamp,
        sandbox: bool,
    ) -> Self {
        Self {
            tx,
            app: app.clone(),
            caller: caller.clone(),
            now,
            sandbox,
            known_head: None,
            catalogue_position: 0,
            streams: Vec::new(),
            marks: Vec::new(),
        }
    }

    pub fn tenant(&self) -> Uuid {
        self.caller.tenant
    }
    pub fn caller(&self) -> &Caller {
        &self.caller
    }
    pub fn conn(&mut self) -> &mut PgConnection {
        &mut self.tx
    }
    pub fn app(&self) -> &App {
        &self.app
    }
    /// From here on rows are looked up by an index, whatever the planner believes of the tables: for a few hundred out of very many
    /// it may read all that there are, or start processes of its own.
    ///
    /// # Errors
    /// When the database fails.
    pub(crate) async fn look_up_each(&mut self) -> Result<(), UseCaseError> {
        sqlx::query(
            "select set_config('enable_seqscan', 'off', true), set_config('max_parallel_workers_per_gather', '0', true),
                    set_config('jit', 'off', true)",
        )
        .execute(&mut *self.tx)
        .await?;
        Ok(())
    }

    /// An id for something new: time-ordered, so that indexes grow at their end.
    #[expect(
        clippy::unused_self,
        reason = "ids come from the operation, so that one place can make them repeatable"
    )]
    pub fn new_id(&self) -> Uuid {
        Uuid::now_v7()
    }

    /// # Errors
    /// When the database fails or an event cannot be read.
    pub async fn catalogue(&mut self) -> Result<Arc<Catalogue>, UseCaseError> {
        catalogue::read_in_op(&mut self.tx, &self.app.catalogues, self.caller.tenant).await
    }

    /// The catalogue as it stood when this operation began: for a decision that locks what it decides of afterwards, and
    /// finds out under the lock whether it still holds.
    ///
    /// # Errors
    /// When the database fails or an event cannot be read.
    pub(crate) async fn catalogue_at_first(&mut self) -> Result<Arc<Catalogue>, UseCaseError> {
        let (tenant, position) = (self.caller.tenant, self.catalogue_position);
        catalogue::read_at_in_op(&mut self.tx, &self.app.catalogues, tenant, position).await
    }

    /// The catalogue for a command that will change it: one such command at a time per organization.
    ///
    /// # Errors
    /// When the database fails or an event cannot be read.
    pub async fn catalogue_to_change(&mut self) -> Result<Arc<Catalogue>, UseCaseError> {
        sqlx::query("select position from catalogue_head where tenant_id = $1 for update")
            .bind(self.caller.tenant)
            .fetch_optional(&mut *self.tx)
            .await?;
        self.catalogue().await
    }

    /// Folds a stream; the version is what a write to it must expect. `None` when it has no events.
    ///
    /// # Errors
    /// When the database fails or an event cannot be read.
    pub async fn load<E: DomainEvent, S>(
        &mut self,
        stream: Uuid,
        evolve: impl Fn(Option<S>, E) -> Option<S>,
    ) -> Result<Option<(S, i64)>, UseCaseError> {
        let tenant = self.caller.tenant;
        let mut events = coterie_eventlog::read_stream(&mut self.tx, tenant, stream, 0, STREAM_LIMIT).await?;
        self.open_events(&mut events).await?;
        self.fold(&events, stream, evolve)
    }

    /// Reads several streams at once, as far as a decision needs them that asks nobody's name: what is sealed stays so and
    /// reads as a blank, and no key is asked for.
    ///
    /// # Errors
    /// When the database fails or an event is no JSON.
    pub(crate) async fn read_unnamed(&mut self, streams: &[Uuid]) -> Result<Vec<RecordedEvent>, UseCaseError> {
        let tenant = self.caller.tenant;
        let mut events = coterie_eventlog::read_each_stream(&mut self.tx, tenant, streams, STREAM_LIMIT).await?;
        coterie_eventlog::seal::blank(&mut events)?;
        Ok(events)
    }

    /// Folds the events of a stream out of some that were read, as [`Operation::load`] does.
    ///
    /// # Errors
    /// When an event cannot be read.
    pub(crate) fn fold<E: DomainEvent, S>(
        &self,
        events: &[RecordedEvent],
        stream: Uuid,
        evolve: impl Fn(Option<S>, E) -> Option<S>,
    ) -> Result<Option<(S, i64)>, UseCaseError> {
        let (mut version, mut state) = (0, None);
        for event in events.iter().filter(|event| event.stream_id == stream) {
            version = event.version;
            // A stream of another noun under this id is no stream of this one.
            if event.category == E::CATEGORY {
                state = evolve(state, decode(event)?);
            }
        }
        // What this operation has decided but not yet appended counts too.
        for event in self
            .streams
            .iter()
            .filter(|write| write.stream_id == stream && write.category == E::CATEGORY)
            .flat_map(|write| &write.events)
        {
            state = evolve(state, E::decode(event.event_type, event.event_version, &event.payload)?);
            version += 1;
        }
        Ok(state.map(|state| (state, version)))
    }

    /// Folds several streams with one query for all and one for their keys. A stream without events has no entry.
    ///
    /// # Errors
    /// When the database fails or an event cannot be read.
    pub async fn load_each<E: DomainEvent, S>(
        &mut self,
        streams: &[Uuid],
        evolve: impl Fn(Option<S>, E) -> Option<S>,
    ) -> Result<BTreeMap<Uuid, S>, UseCaseError> {
        if streams.is_empty() {
            return Ok(BTreeMap::new());
        }
        let tenant = self.caller.tenant;
        let mut events = coterie_eventlog::read_each_stream(&mut self.tx, tenant, streams, STREAM_LIMIT).await?;
        self.open_events(&mut events).await?;
        let mut states: BTreeMap<Uuid, S> = BTreeMap::new();
        let mut fold = |stream: Uuid, event: E| {
            if let Some(next) = evolve(states.remove(&stream), event) {
                states.insert(stream, next);
            }
        };
        for event in events.iter().filter(|event| event.category == E::CATEGORY) {
            fold(event.stream_id, decode(event)?);
        }
        let asked: BTreeSet<Uuid> = streams.iter().copied().collect();
        let own = self.streams.iter().filter(|write| write.category == E::CATEGORY);
        for write in own.filter(|write| asked.contains(&write.stream_id)) {
            for event in &write.events {
                fold(
                    write.stream_id,
                    E::decode(event.event_type, event.event_version, &event.payload)?,
                );
            }
        }
        Ok(states)
    }

    /// How many events a stream has. Whoever holds the lock that its writers take finds it so when it is written.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn version_of(&mut self, stream: Uuid) -> Result<i64, UseCaseError> {
        let version: Option<i64> =
            sqlx::query_scalar("select max(version) from event where tenant_id = $1 and stream_id = $2")
                .bind(self.caller.tenant)
                .bind(stream)
                .fetch_one(&mut *self.tx)
                .await?;
        Ok(version.unwrap_or(0))
    }

    /// Opens what is sealed in events that were read, so that they can be decoded.
    ///
    /// # Errors
    /// When a key cannot be had or the database fails.
    pub async fn open_events(&mut self, events: &mut [RecordedEvent]) -> Result<(), UseCaseError> {
        let tenant = self.caller.tenant;
        Ok(self.app.config.keys.open_in_op(&mut self.tx, tenant, events).await?)
    }

    /// Keeps a person from being forgotten until this operation ends.
    ///
    /// # Errors
    /// A refusal with the code `forgotten` when she was; whatever the database says.
    pub async fn hold_person(&mut self, id: Uuid) -> Result<(), UseCaseError> {
        let keys = &self.app.config.keys;
        Ok(keys
            .hold_in_op(&mut self.tx, self.caller.tenant, seal::person(id))
            .await?)
    }

    /// Keeps people from being forgotten until this operation ends. The answer is those who were before.
    ///
    /// # Errors
    /// Whatever the database says.
    pub async fn hold_people(&mut self, ids: &[Uuid]) -> Result<BTreeSet<Uuid>, UseCaseError> {
        let keys = &self.app.config.keys;
        let people: Vec<_> = ids.iter().map(|id| seal::person(*id)).collect();
        Ok(keys.hold_all_in_op(&mut self.tx, self.caller.tenant, &people).await?)
    }

    /// Adds events to a stream; `expected` is the version it has now, 0 for a new one.
    ///
    /// # Errors
    /// When an event cannot be written down.
    pub fn write<E: DomainEvent>(
        &mut self,
        stream: Uuid,
        expected: i64,
        events: impl IntoIterator<Item = E>,
    ) -> Result<(), UseCaseError> {
        let events: Vec<E> = events.into_iter().collect();
        self.add(Written::of(stream, expected, &events)?);
        Ok(())
    }

    /// Adds events that were written down before.
    pub(crate) fn add(&mut self, mut written: Written) {
        if !written.write.events.is_empty() {
            self.marks.append(&mut written.marks);
            self.streams.push(written.write);
        }
    }

    /// What a stream begins with that this operation decided and did not append yet.
    pub(crate) fn first_written(&self, stream: Uuid) -> Option<&NewEvent> {
        let mut begun = self.streams.iter().filter(|write| write.expected_version == 0);
        begun
            .find(|write| write.stream_id == stream)
            .and_then(|write| write.events.first())
    }

    /// Folds what was decided last into a copy of the catalogue, for the next decision of the same transaction.
    ///
    /// # Errors
    /// When an event cannot be read back.
    pub(crate) fn fold_last(&self, copy: &mut Catalogue) -> Result<(), UseCaseError> {
        let Some(write) = self.streams.last() else {
            return Ok(());
        };
        for event in &write.events {
            let at = copy.position + 1;
            copy.apply(
                at,
                write.category,
                event.event_type,
                event.event_version,
                &event.payload,
            )?;
        }
        Ok(())
    }

    /// Asks to be woken at `due_at` of the organization's clock. `rank` orders what is due at one instant.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn set_alarm(
        &mut self,
        kind: crate::alarm::Kind,
        subject: Uuid,
        due_at: Timestamp,
    ) -> Result<(), UseCaseError> {
        self.set_alarms(kind, [(subject, due_at)]).await
    }

    /// Asks to be woken for several subjects, with one statement.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn set_alarms(
        &mut self,
        kind: crate::alarm::Kind,
        alarms: impl IntoIterator<Item = (Uuid, Timestamp)>,
    ) -> Result<(), UseCaseError> {
        let (subjects, due): (Vec<Uuid>, Vec<_>) = alarms.into_iter().map(|(id, at)| (id, at.to_sqlx())).unzip();
        if subjects.is_empty() {
            return Ok(());
        }
        sqlx::query(
            "insert into alarm (tenant_id, kind, subject_id, due_at, rank)
             select $1, $2, a.subject_id, a.due_at, $5 from unnest($3::uuid[], $4::timestamptz[]) as a (subject_id, due_at)
             on conflict do nothing",
        )
        .bind(self.caller.tenant)
        .bind(kind.name())
        .bind(subjects)
        .bind(due)
        .bind(kind.rank())
        .execute(&mut *self.tx)
        .await?;
        Ok(())
    }

    /// Asks not to be woken any more.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn clear_alarm(
        &mut self,
        kind: crate::alarm::Kind,
        subject: Uuid,
        due_at: Timestamp,
    ) -> Result<(), UseCaseError> {
        sqlx::query("delete from alarm where tenant_id = $1 and kind = $2 and subject_id = $3 and due_at = $4")
            .bind(self.caller.tenant)
            .bind(kind.name())
            .bind(subject)
            .bind(due_at.to_sqlx())
            .execute(&mut *self.tx)
            .await?;
        Ok(())
    }

    /// Whether anything was decided.
    pub fn is_empty(&self) -> bool {
        self.streams.is_empty()
    }

    /// Seals what is personal in the events that are about to be appended. It locks their subjects against being
    /// forgotten, which comes after every guard and before the log's head.
    async fn seal(&mut self) -> Result<(), UseCaseError> {
        let events = self.streams.iter_mut().flat_map(|write| &mut write.events);
        let mut pending: Vec<Pending<'_>> = events
            .zip(&self.marks)
            .map(|(event, marks)| Pending {
                event_type: event.event_type,
                event_version: event.event_version,
                payload: &mut event.payload,
                marks,
            })
            .collect();
        let keys = &self.app.config.keys;
        Ok(keys.seal_in_op(&mut self.tx, self.caller.tenant, &mut pending).await?)
    }

    /// Appends what was decided and commits. Nothing decided commits the guards alone and answers the head's position.
    ///
    /// # Errors
    /// `Contended` when somebody else wrote the same stream first; a refusal when somebody it tells of was forgotten;
    /// whatever the database says.
    pub async fn commit<T: Serialize>(mut self, outcome: T) -> Outcome<T> {
        // Where among the new events the last one of the catalogue stands, if there is one.
        let last_of_catalogue = self
            .streams
            .iter()
            .flat_map(|stream| stream.events.iter().map(|_| stream.category))
            .zip(0_i64..)
            .filter(|(category, _)| coterie_domain::catalogue::CATEGORIES.contains(category))
            .last();
        if self.streams.is_empty() {
            let head = coterie_eventlog::head(&mut self.tx, self.caller.tenant).await?;
            self.tx.commit().await?;
            return Ok(Done {
                outcome,
                position: head.map_or(0, |head| head.position),
                replayed: false,
            });
        }
        let remembered = match &self.caller.idempotency {
            Some(idempotency) => Some(CommandKey {
                key: idempotency.key.clone(),
                request_hash: idempotency.request_hash,
                outcome: serde_json::to_value(&outcome)
                    .map_err(|error| UseCaseError::Broken(format!("an outcome to remember: {error}")))?,
            }),
            None => None,
        };
        self.seal().await?;
        let append = Append {
            tenant_id: self.caller.tenant,
            actor: &self.caller.actor.label(),
            command_id: Uuid::now_v7(),
            correlation_id: self.caller.correlation,
            causation: self.caller.causation,
            occurred_at: self.now,
            recorded_at: clock::wall_now(),
            streams: std::mem::take(&mut self.streams),
            command_key: remembered,
            known_head: self.known_head,
        };
        let appended = coterie_eventlog::append_in_op(&mut self.tx, append).await?;
        if let Some((_, offset)) = last_of_catalogue {
            sqlx::query(
                "insert into catalogue_head (tenant_id, position) values ($1, $2)
                 on conflict (tenant_id) do update set position = greatest(catalogue_head.position, excluded.position)",
            )
            .bind(self.caller.tenant)
            .bind(appended.first_position + offset)
            .execute(&mut *self.tx)
            .await?;
        }
        self.tx.commit().await?;
        Ok(Done {
            outcome,
            position: appended.last_position,
            replayed: false,
        })
    }
}

/// Events of one stream, written down where that holds up nobody.
pub(crate) struct Written {
    write: StreamWrite,
    /// What is personal in each event.
    marks: Vec<Vec<Mark>>,
}

impl Written {
    /// # Errors
    /// When an event cannot be written down.
    pub fn of<E: DomainEvent>(stream: Uuid, expected: i64, events: &[E]) -> Result<Self, UseCaseError> {
        let marks = events.iter().map(|event| seal::marks(event.personal())).collect();
        let events = events.iter().map(|event| {
            Ok(NewEvent {
                event_type: event.event_type(),
                event_version: event.event_version(),
                payload: event.payload()?,
            })
        });
        Ok(Self {
            marks,
            write: StreamWrite {
                category: E::CATEGORY,
                stream_id: stream,
                expected_version: expected,
                events: events.collect::<Result<Vec<_>, UseCaseError>>()?,
            },
        })
    }
}

/// An event as the domain knows it. Whatever is sealed in it must have been opened before.
///
/// # Errors
/// When the payload does not have its declared shape, or is still sealed.
pub fn decode<E: DomainEvent>(event: &RecordedEvent) -> Result<E, UseCaseError> {
    Ok(E::decode(&event.event_type, event.event_version, event.plain())?)
}
