//! What is asked of a month: which memberships, bookings and passes lie in it, by the read models, and what happened to them and to
//! the lots that they could draw on, by the log.

use super::{MOST_BOOKINGS, MOST_MEMBERSHIPS};
use crate::{
    App, Caller, Operation, UseCaseError,
    operation::decode,
    read::{self, Columns},
};
use coterie_domain::{
    DomainEvent, MembershipId,
    booking::BookingEvent,
    credit::CreditEvent,
    local_time,
    membership::MembershipEvent,
    pass::PassEvent,
    period::CycleLength,
    simulation::{BookingFacts, Facts, Lived, LotFacts, PassFacts, Terms},
};
use coterie_eventlog::RecordedEvent;
use jiff::{Timestamp, ToSpan, tz::TimeZone};
use jiff_sqlx::ToSqlx;
use std::collections::BTreeMap;
use uuid::Uuid;

/// A membership of the month, and what was used under it.
#[derive(Debug)]
pub(super) struct Found {
    membership: MembershipId,
    bookings: Vec<Uuid>,
    passes: Vec<Uuid>,
}

impl Found {
    pub(super) fn uses(&self) -> usize {
        self.bookings.len() + self.passes.len()
    }
}

/// What is priced in one step.
#[derive(Debug, Default)]
pub(super) struct Batch {
    pub found: Vec<Found>,
}

impl Batch {
    pub(super) fn uses(&self) -> usize {
        self.found.iter().map(Found::uses).sum()
    }
}

/// The month with a day more on either side: it is each location's own.
fn window(terms: &Terms) -> Result<(Timestamp, Timestamp), UseCaseError> {
    let utc = TimeZone::UTC;
    Ok((
        local_time::day_start(terms.month.start.saturating_sub(1.day()), &utc)?,
        local_time::day_start(terms.month.end.saturating_add(1.day()), &utc)?,
    ))
}

fn one_more(most: usize) -> i64 {
    i64::try_from(most).unwrap_or(i64::MAX - 1) + 1
}

/// The memberships of a month, or those of some that lie in it, in the order of their ids.
pub(super) async fn find(
    app: &App,
    caller: &Caller,
    terms: &Terms,
    only: Option<&[MembershipId]>,
) -> Result<Vec<Found>, UseCaseError> {
    let tenant = caller.tenant;
    let mut tx = read::begin(app, tenant).await?;
    let only: Option<Vec<Uuid>> = only.map(|ids| ids.iter().map(|id| id.0).collect());
    let mut found: BTreeMap<Uuid, Found> = BTreeMap::new();
    let ids: Vec<Uuid> = sqlx::query_scalar(
        "select membership_id from membership_view
         where tenant_id = $1 and start_date < $2 and (last_day is null or last_day >= $3)
           and ($4::uuid[] is null or membership_id = any($4))
         order by membership_id limit $5",
    )
    .bind(tenant)
    .bind(terms.month.end.to_sqlx())
    .bind(terms.month.start.to_sqlx())
    .bind(only.as_deref())
    .bind(one_more(MOST_MEMBERSHIPS))
    .fetch_all(&mut *tx)
    .await?;
    for id in ids {
        entry(&mut found, id);
    }
    let (from, until) = window(terms)?;
    let rows = sqlx::query(
        "select booking_id, (document->>'membership_id')::uuid as membership_id from booking_view
         where tenant_id = $1 and starts_at >= $2 and starts_at < $3 and state in ('confirmed', 'cancelled', 'no_show')
           and document->>'membership_id' is not null
           and ($4::uuid[] is null or (document->>'membership_id')::uuid = any($4))
         order by starts_at, booking_id limit $5",
    )
    .bind(tenant)
    .bind(from.to_sqlx())
    .bind(until.to_sqlx())
    .bind(only.as_deref())
    .bind(one_more(MOST_BOOKINGS))
    .fetch_all(&mut *tx)
    .await?;
    for row in &rows {
        entry(&mut found, row.id("membership_id")?)
            .bookings
            .push(row.id("booking_id")?);
    }
    let rows = sqlx::query(
        "select pass_id, (document->>'membership_id')::uuid as membership_id from pass_view
         where tenant_id = $1 and day >= $2 and day < $3
           and ($4::uuid[] is null or (document->>'membership_id')::uuid = any($4))
         order by day, pass_id limit $5",
    )
    .bind(tenant)
    .bind(terms.month.start.to_sqlx())
    .bind(terms.month.end.to_sqlx())
    .bind(only.as_deref())
    .bind(one_more(MOST_BOOKINGS))
    .fetch_all(&mut *tx)
    .await?;
    for row in &rows {
        entry(&mut found, row.id("membership_id")?)
            .passes
            .push(row.id("pass_id")?);
    }
    Ok(found.into_values().collect())
}

fn entry(found: &mut BTreeMap<Uuid, Found>, id: Uuid) -> &mut Found {
    found.entry(id).or_insert_with(|| Found {
        membership: MembershipId(id),
        bookings: Vec::new(),
        passes: Vec::new(),
    })
}

/// The first moment at which a lot may have lapsed and count all the same, because a draft lets it live on.
fn lots_from(terms: &Terms) -> Result<Timestamp, UseCaseError> {
    let longest = |length: CycleLength| match length {
        CycleLength::Week => 7,
        CycleLength::Month => 31,
        CycleLength::Quarter => 92,
        CycleLength::Year => 366,
        CycleLength::Days { days } => days,
    };
    let back = match &terms.plan {
        Some(plan) => {
            let versions = terms.published.plan_versions.values();
            let same = versions.filter(|version| version.plan_id == plan.version.plan_id);
            let days = same.map(|version| longest(version.length)).max().unwrap_or(31);
            days * plan.version.rollover_cycles
        }
        None => 0,
    };
    let day = terms.month.start.saturating_sub((back + 1).days());
    Ok(local_time::day_start(day, &TimeZone::UTC)?)
}

/// Reads what happened to the memberships of a step, their lots, bookings and passes, with one question for all streams.
pub(super) async fn read(app: &App, caller: &Caller, terms: &Terms, batch: Batch) -> Result<Vec<Facts>, UseCaseError> {
    let mut op = Operation::open(app, caller).await?;
    let memberships: Vec<Uuid> = batch.found.iter().map(|one| one.membership.0).collect();
    let (_, until) = window(terms)?;
    let rows = sqlx::query(
        "select lot_id, membership_id from credit_lot
         where tenant_id = $1 and membership_id = any($2) and valid_until > $3 and valid_from < $4
         order by membership_id, lot_id",
    )
    .bind(caller.tenant)
    .bind(&memberships)
    .bind(lots_from(terms)?.to_sqlx())
    .bind(until.to_sqlx())
    .fetch_all(op.conn())
    .await?;
    let mut lots: BTreeMap<Uuid, Vec<Uuid>> = BTreeMap::new();
    for row in &rows {
        lots.entry(row.id("membership_id")?)
            .or_default()
            .push(row.id("lot_id")?);
    }
    let mut streams = memberships;
    streams.extend(lots.values().flatten());
    for one in &batch.found {
        streams.extend(&one.bookings);
        streams.extend(&one.passes);
    }
    let events = op.read_unnamed(&streams).await?;
    drop(op);
    let mut by_stream: BTreeMap<Uuid, &[RecordedEvent]> = BTreeMap::new();
    for chunk in events.chunk_by(|one, next| one.stream_id == next.stream_id) {
        by_stream.insert(chunk[0].stream_id, chunk);
    }
    let of = |id: &Uuid| by_stream.get(id).copied().unwrap_or_default();
    let mut all = Vec::with_capacity(batch.found.len());
    for one in &batch.found {
        let lived = positioned::<MembershipEvent>(of(&one.membership.0))?;
        let Some(lived) = Lived::fold(lived) else { continue };
        let mut facts = Facts {
            lived,
            lots: Vec::new(),
            bookings: Vec::new(),
            passes: Vec::new(),
        };
        for id in lots.get(&one.membership.0).into_iter().flatten() {
            let events = of(id).iter().filter(|event| event.category == CreditEvent::CATEGORY);
            let events = events.map(|event| Ok((event.position, event.occurred_at, decode(event)?)));
            facts.lots.push(LotFacts {
                events: events.collect::<Result<_, UseCaseError>>()?,
            });
        }
        for id in &one.bookings {
            let events = positioned::<BookingEvent>(of(id))?;
            facts.bookings.push(BookingFacts { events });
        }
        for id in &one.passes {
            let events = positioned::<PassEvent>(of(id))?;
            facts.passes.push(PassFacts { events });
        }
        all.push(facts);
    }
    Ok(all)
}

/// The events of a noun, each with its place in the log.
fn positioned<E: DomainEvent>(events: &[RecordedEvent]) -> Result<Vec<(i64, E)>, UseCaseError> {
    let own = events.iter().filter(|event| event.category == E::CATEGORY);
    own.map(|event| Ok((event.position, decode(event)?))).collect()
}
