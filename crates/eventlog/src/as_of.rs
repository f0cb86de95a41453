//! Reading the log as of a moment, and looking things up in it: for people who ask who did what. Nothing here is read by
//! a decision, and nothing walks more of the log than it is told to.

use jiff::Timestamp;
use jiff_sqlx::ToSqlx;
use sqlx::PgConnection;
use uuid::Uuid;

use crate::event::{RecordedEvent, select_event};

/// The organization's last position at or before an instant of its own clock; 0 when nothing had happened yet.
///
/// Tenant time never goes backwards along the log and positions have no gaps, so it is found by halving: some twenty
/// look-ups by primary key in one round trip for a million events, without an index that every append would pay for.
pub async fn position_at(conn: &mut PgConnection, tenant: Uuid, at: Timestamp) -> Result<i64, sqlx::Error> {
    let found: Option<i64> = sqlx::query_scalar(
        "with recursive search (low, high) as (
            select 0::bigint, position from public.event_head where tenant_id = $1
            union all
            select case when e.occurred_at <= $2 then e.position else s.low end,
                   case when e.occurred_at <= $2 then s.high else e.position - 1 end
            from search s
            join public.event e on e.tenant_id = $1 and e.position = (s.low + s.high + 1) / 2
            where s.low < s.high
         )
         select low from search where low >= high limit 1",
    )
    .bind(tenant)
    .bind(at.to_sqlx())
    .fetch_optional(conn)
    .await?;
    Ok(found.unwrap_or(0))
}

/// Which events are looked for; an absent field asks for all.
#[derive(Debug, Clone, Copy, Default)]
pub struct Search<'a> {
    /// The noun; the index by category makes this the quick one.
    pub category: Option<&'a str>,
    pub event_type: Option<&'a str>,
    /// An actor's whole label, or its kind: `staff`, `member`, `key`, `system`.
    pub actor: Option<&'a str>,
    pub correlation: Option<Uuid>,
    pub command: Option<Uuid>,
    /// Only events after this position.
    pub after: i64,
    /// Only events up to and including this one.
    pub up_to: i64,
    pub newest_first: bool,
}

/// What a search found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    pub events: Vec<RecordedEvent>,
    /// The last position looked at, where the search was given up before it had found enough and before the log ended.
    pub stopped_at: Option<i64>,
}

/// A look through at most `$8` events of the range (and of the category, where one is asked for), then through those for
/// the rest. The inner limit bounds the work, the outer one the answer.
macro_rules! search_sql {
    ($category:literal, $order:literal) => {
        concat!(
            "select tenant_id, position, category, stream_id, version, event_type, event_version, actor, command_id,
                    causation, correlation_id, occurred_at, recorded_at, payload::text as payload, hash
             from (select * from public.event where tenant_id = $1 and position > $2 and position <= $3 ",
            $category,
            " order by position ",
            $order,
            " limit $8) as event
             where ($4::text is null or event_type = $4)
               and ($5::text is null or actor = $5 or starts_with(actor, $5 || ':'))
               and ($6::uuid is null or correlation_id = $6)
               and ($7::uuid is null or command_id = $7)
             order by position ",
            $order,
            " limit $9"
        )
    };
}

macro_rules! last_looked_at_sql {
    ($category:literal, $order:literal, $last:literal) => {
        concat!(
            "select count(*), ",
            $last,
            "(position) from (select position from public.event
             where tenant_id = $1 and position > $2 and position <= $3 ",
            $category,
            " order by position ",
            $order,
            " limit $4) as event"
        )
    };
}

/// Looks for events, at most `limit` of them, through at most `looked_at` of the log.
pub async fn search(
    conn: &mut PgConnection,
    tenant: Uuid,
    search: &Search<'_>,
    looked_at: i64,
    limit: i64,
) -> Result<Found, sqlx::Error> {
    let (sql, last_sql) = match (search.category.is_some(), search.newest_first) {
        (false, true) => (search_sql!("", "desc"), last_looked_at_sql!("", "desc", "min")),
        (false, false) => (search_sql!("", "asc"), last_looked_at_sql!("", "asc", "max")),
        (true, true) => (
            search_sql!("and category = $10", "desc"),
            last_looked_at_sql!("and category = $5", "desc", "min"),
        ),
        (true, false) => (
            search_sql!("and category = $10", "asc"),
            last_looked_at_sql!("and category = $5", "asc", "max"),
        ),
    };
    let mut query = sqlx::query_as(sql)
        .bind(tenant)
        .bind(search.after)
        .bind(search.up_to)
        .bind(search.event_type)
        .bind(search.actor)
        .bind(search.correlation)
        .bind(search.command)
        .bind(looked_at)
        .bind(limit);
    if let Some(category) = search.category {
        query = query.bind(category);
    }
    let events: Vec<RecordedEvent> = query.fetch_all(&mut *conn).await?;
    if i64::try_from(events.len()).is_ok_and(|found| found >= limit) {
        return Ok(Found {
            events,
            stopped_at: None,
        });
    }
    let mut query = sqlx::query_as(last_sql)
        .bind(tenant)
        .bind(search.after)
        .bind(search.up_to)
        .bind(looked_at);
    if let Some(category) = search.category {
        query = query.bind(category);
    }
    let (looked, last): (i64, Option<i64>) = query.fetch_one(conn).await?;
    Ok(Found {
        events,
        stopped_at: last.filter(|_| looked >= looked_at),
    })
}

/// Where a command's events stand: one append is a range without gaps. `near` is the position of one of them, where it is
/// known. Without it the time inside the command's own id (a version 7 UUID) says where to begin, and only an id that
/// tells no time is looked for through the whole log.
///
/// First and last position; `None` when the organization has no such command.
pub async fn command_range(
    conn: &mut PgConnection,
    tenant: Uuid,
    command: Uuid,
    near: Option<i64>,
) -> Result<Option<(i64, i64)>, sqlx::Error> {
    let mut found = match near {
        Some(position) => position_of(conn, tenant, command, position, position).await?,
        None => None,
    };
    if found.is_none()
        && let Some(guess) = recorded_near(conn, tenant, command).await?
    {
        found = position_of(conn, tenant, command, guess - NEARBY, guess + NEARBY).await?;
    }
    if found.is_none() {
        found = position_of(conn, tenant, command, 1, i64::MAX).await?;
    }
    let Some(position) = found else { return Ok(None) };
    let (before, after): (Option<i64>, Option<i64>) = sqlx::query_as(
        "select (select position from public.event
                 where tenant_id = $1 and position < $2 and command_id <> $3 order by position desc limit 1),
                (select position from public.event
                 where tenant_id = $1 and position > $2 and command_id <> $3 order by position limit 1)",
    )
    .bind(tenant)
    .bind(position)
    .bind(command)
    .fetch_one(&mut *conn)
    .await?;
    let last = match after {
        Some(after) => after - 1,
        None => crate::head(conn, tenant).await?.map_or(position, |head| head.position),
    };
    Ok(Some((before.unwrap_or(0) + 1, last)))
}

/// How far from where its time points a command is looked for: requests wait for one another before they append, so the
/// order of their ids is not quite that of the log.
const NEARBY: i64 = 5_000;

async fn position_of(
    conn: &mut PgConnection,
    tenant: Uuid,
    command: Uuid,
    from: i64,
    to: i64,
) -> Result<Option<i64>, sqlx::Error> {
    sqlx::query_scalar(
        "select position from public.event
         where tenant_id = $1 and position between $2 and $3 and command_id = $4 order by position limit 1",
    )
    .bind(tenant)
    .bind(from)
    .bind(to)
    .bind(command)
    .fetch_optional(conn)
    .await
}

/// The position that was written at about the time which a version 7 UUID tells; wall time may step back, so it is a guess.
async fn recorded_near(conn: &mut PgConnection, tenant: Uuid, id: Uuid) -> Result<Option<i64>, sqlx::Error> {
    let Some(made) = id.get_timestamp().filter(|_| id.get_version_num() == 7) else {
        return Ok(None);
    };
    let (seconds, nanoseconds) = made.to_unix();
    let made = i64::try_from(seconds)
        .ok()
        .zip(i32::try_from(nanoseconds).ok())
        .and_then(|(seconds, nanoseconds)| Timestamp::new(seconds, nanoseconds).ok());
    let Some(made) = made else { return Ok(None) };
    sqlx::query_scalar(
        "with recursive search (low, high) as (
            select 0::bigint, position from public.event_head where tenant_id = $1
            union all
            select case when e.recorded_at <= $2 then e.position else s.low end,
                   case when e.recorded_at <= $2 then s.high else e.position - 1 end
            from search s
            join public.event e on e.tenant_id = $1 and e.position = (s.low + s.high + 1) / 2
            where s.low < s.high
         )
         select low from search where low >= high limit 1",
    )
    .bind(tenant)
    .bind(made.to_sqlx())
    .fetch_optional(conn)
    .await
}

/// What reacted to an event: at most `limit` events that name it as their cause, among the next `looked_at` of the log.
pub async fn read_effects(
    conn: &mut PgConnection,
    tenant: Uuid,
    position: i64,
    looked_at: i64,
    limit: i64,
) -> Result<Vec<RecordedEvent>, sqlx::Error> {
    sqlx::query_as(select_event!(
        "where tenant_id = $1 and position > $2 and position <= $2 + $3 and causation = $2 order by position limit $4"
    ))
    .bind(tenant)
    .bind(position)
    .bind(looked_at)
    .bind(limit)
    .fetch_all(conn)
    .await
}

/// The newest events of several streams together before a position, newest first.
///
/// Each stream is read from its own end: looking through the log for any of them would walk all of it for a quiet few.
pub async fn read_streams(
    conn: &mut PgConnection,
    tenant: Uuid,
    streams: &[Uuid],
    before: i64,
    limit: i64,
) -> Result<Vec<RecordedEvent>, sqlx::Error> {
    sqlx::query_as(
        "select e.tenant_id, e.position, e.category, e.stream_id, e.version, e.event_type, e.event_version, e.actor,
                e.command_id, e.causation, e.correlation_id, e.occurred_at, e.recorded_at, e.payload::text as payload,
                e.hash
         from (select distinct id from unnest($2::uuid[]) as s (id)) s
         cross join lateral (
            select * from public.event e
            where e.tenant_id = $1 and e.stream_id = s.id and e.position < $3
            order by e.version desc limit $4
         ) e
         order by e.position desc limit $4",
    )
    .bind(tenant)
    .bind(streams)
    .bind(before)
    .bind(limit)
    .fetch_all(conn)
    .await
}
