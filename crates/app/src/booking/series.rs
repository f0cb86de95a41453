//! Bookings that come again by a rule: decided one after the other, written with one append, given up together.

use super::{
    book::{Book, decide_for_good, record},
    cancel::cancel_in_op,
    guard,
};
use crate::{App, Caller, Operation, Outcome, Start, UseCaseError, access, read, read::Columns, trouble};
use coterie_domain::{
    BookingId, Money, SeriesId, booking, local_time,
    series::{self, LeftOut, Occurrence, Series, SeriesBooked, SeriesEvent, Wish},
};
use jiff::civil::{Date, DateTime};
use jiff_sqlx::ToSqlx;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// A wish that comes again.
#[derive(Debug, Clone)]
pub struct BookSeries {
    pub wish: Wish,
    /// Does without the times that cannot be booked.
    pub leaving_out: bool,
    /// What all of it may be charged with, net, as it was shown; another price is refused. `None` takes any.
    pub agreed: Option<Money>,
}

/// What a series comes to.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct BookedSeries {
    pub series_id: SeriesId,
    pub bookings: Vec<SeriesTime>,
    pub left_out: Vec<LeftOut>,
    /// Net, of all that allowances did not cover.
    pub charged: Money,
    pub allowance_minutes: i64,
    pub time_zone: String,
}

/// One of its bookings.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SeriesTime {
    pub booking_id: BookingId,
    pub starts_at: DateTime,
    pub charged: Money,
    pub allowance_minutes: i64,
}

/// What giving up came to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CancelledSeries {
    pub bookings: Vec<BookingId>,
    /// Minutes that went back into allowances.
    pub restored_minutes: i64,
    /// Bookings of which something is still due.
    pub with_fee: usize,
}

/// Books every time of a rule, or none: a time that cannot be booked is told, and left out where that was agreed to.
///
/// # Errors
/// A faulty rule; times that are taken, closed or do not exist; a price that changed; whatever refuses one booking.
pub async fn book_series(app: &App, caller: &Caller, command: BookSeries) -> Outcome<BookedSeries> {
    trouble::carry_out(app, caller, || book_once(app, caller, command.clone())).await
}

/// Says what a series would come to, by the same decision as booking it, and writes nothing.
///
/// # Errors
/// As [`book_series`].
pub async fn quote_series(app: &App, caller: &Caller, command: &BookSeries) -> Result<BookedSeries, UseCaseError> {
    let mut op = Operation::open(app, caller).await?;
    let (_, outcome) = book_in_op(&mut op, command).await?;
    // Dropped uncommitted: what was held and drawn on was held and drawn on for the sum only.
    Ok(outcome)
}

async fn book_once(app: &App, caller: &Caller, command: BookSeries) -> Outcome<BookedSeries> {
    let mut op = match Operation::begin(app, caller).await? {
        Start::Fresh(op) => op,
        Start::Replay(done) => return Ok(done),
    };
    let (fact, outcome) = book_in_op(&mut op, &command).await?;
    booking::check_agreed(command.agreed, outcome.charged)?;
    let zone = local_time::zone(&fact.time_zone)?;
    let tenant = op.tenant();
    let mut starts = Vec::with_capacity(fact.bookings.len());
    for time in &fact.bookings {
        starts.push(local_time::instant("starts_at", time.starts_at, &zone)?.to_sqlx());
    }
    sqlx::query(
        "insert into series_booking (tenant_id, booking_id, series_id, starts_at)
         select $1, booking, $2, at from unnest($3::uuid[], $4::timestamptz[]) as one (booking, at)",
    )
    .bind(tenant)
    .bind(fact.series_id.0)
    .bind(
        fact.bookings
            .iter()
            .map(|time| time.booking_id.0)
            .collect::<Vec<Uuid>>(),
    )
    .bind(starts)
    .execute(op.conn())
    .await?;
    op.write(fact.series_id.0, 0, [SeriesEvent::from(fact)])?;
    op.commit(outcome).await
}

async fn book_in_op(op: &mut Operation, command: &BookSeries) -> Result<(SeriesBooked, BookedSeries), UseCaseError> {
    let wish = &command.wish;
    access::acts_for(op.caller(), wish.member_id)?;
    let catalogue = op.catalogue().await?;
    let resource = catalogue.resource(wish.resource_id)?.clone();
    let zone = catalogue.zone_of(resource.location_id)?;
    let entity = catalogue.location(resource.location_id)?.legal_entity_id;
    let currency = catalogue.legal_entity(entity)?.fact.currency;
    let occurrences = series::occurrences(&wish.rule, wish.starts_at, &zone)?;
    let length = wish.starts_at.until(wish.ends_at).unwrap_or_default();
    // All of them want the same rows: locked once, before the first is decided.
    guard::lock_resources(op, &catalogue.occupied_by(wish.resource_id), &catalogue).await?;
    let mut outcome = BookedSeries {
        series_id: SeriesId(op.new_id()),
        bookings: Vec::new(),
        left_out: Vec::new(),
        charged: Money::new(0, currency),
        allowance_minutes: 0,
        time_zone: zone.iana_name().unwrap_or_default().to_owned(),
    };
    for start in occurrences {
        let one = Book {
            member_id: wish.member_id,
            resource_id: wish.resource_id,
            start,
            end: start.saturating_add(length),
            people: wish.people,
        };
        match decide_for_good(op, &one, None).await {
            Ok(decided) => {
                let booked = &decided.booked;
                let (charged, uses) = (booked.price.charged, booked.fact.credit_uses.clone());
                let minutes = uses.iter().map(|part| part.minutes).sum();
                let booking_id = record(op, decided).await?;
                outcome.charged.minor += charged.minor;
                outcome.allowance_minutes += minutes;
                outcome.bookings.push(SeriesTime {
                    booking_id,
                    starts_at: start,
                    charged,
                    allowance_minutes: minutes,
                });
            }
            Err(UseCaseError::Refused(refusal)) => outcome.left_out.push(LeftOut {
                starts_at: start,
                reason: refusal.sentence,
            }),
            Err(error) => return Err(error),
        }
    }
    let times = outcome.bookings.iter().map(|time| Occurrence {
        starts_at: time.starts_at,
        booking_id: time.booking_id,
    });
    let fact = series::book(
        outcome.series_id,
        wish,
        &outcome.time_zone,
        times.collect(),
        outcome.left_out.clone(),
        command.leaving_out,
    )?;
    Ok((fact, outcome))
}

/// Gives up the bookings of a series from a day on, each by the terms that count for it. Those that were cancelled or have
/// begun are left alone.
///
/// # Errors
/// Another member's series; nothing left from that day on.
pub async fn cancel_series(app: &App, caller: &Caller, id: SeriesId, from: Date) -> Outcome<CancelledSeries> {
    trouble::carry_out(app, caller, || cancel_once(app, caller, id, from)).await
}

async fn cancel_once(app: &App, caller: &Caller, id: SeriesId, from: Date) -> Outcome<CancelledSeries> {
    let mut op = match Operation::begin(app, caller).await? {
        Start::Fresh(op) => op,
        Start::Replay(done) => return Ok(done),
    };
    let (series, version) = load(&mut op, id).await?;
    access::acts_for(caller, series.fact.member_id)?;
    let mut outcome = CancelledSeries {
        bookings: Vec::new(),
        restored_minutes: 0,
        with_fee: 0,
    };
    for time in series.fact.bookings.iter().filter(|time| time.starts_at.date() >= from) {
        let (booking, _) = super::load(&mut op, time.booking_id).await?;
        if booking.check_live().is_err() || booking.fact.starts_at <= op.now {
            continue;
        }
        let cancelled = cancel_in_op(&mut op, time.booking_id).await?;
        outcome.bookings.push(time.booking_id);
        outcome.restored_minutes += cancelled.restored.iter().map(|part| part.minutes).sum::<i64>();
        outcome.with_fee += usize::from(cancelled.percent_due > 0);
    }
    let fact = series::cancel(&series, from, outcome.bookings.clone())?;
    op.write(id.0, version, [SeriesEvent::from(fact)])?;
    op.commit(outcome).await
}

async fn load(op: &mut Operation, id: SeriesId) -> Result<(Series, i64), UseCaseError> {
    op.load::<SeriesEvent, Series>(id.0, Series::evolve)
        .await?
        .ok_or(UseCaseError::NotFound)
}

/// A series as it was booked, for its member or staff.
///
/// # Errors
/// `NotFound` for an unknown one or another member's.
pub async fn series(app: &App, caller: &Caller, id: SeriesId) -> Result<Series, UseCaseError> {
    let mut op = Operation::open(app, caller).await?;
    let (series, _) = load(&mut op, id).await?;
    access::acts_for(caller, series.fact.member_id)?;
    Ok(series)
}

/// The series that a booking was made in.
///
/// # Errors
/// When the database fails.
pub async fn series_of(app: &App, tenant: Uuid, booking: BookingId) -> Result<Option<SeriesId>, UseCaseError> {
    let mut tx = read::begin(app, tenant).await?;
    let row = sqlx::query("select series_id from series_booking where tenant_id = $1 and booking_id = $2")
        .bind(tenant)
        .bind(booking.0)
        .fetch_optional(&mut *tx)
        .await?;
    row.map(|row| row.id("series_id")).transpose()
}
