//! The calendar against a model of it: whatever is booked, moved, cancelled, blocked, assigned and given back in whatever order, what is
//! free is what the model says, and nothing ever overlaps: buffers, combined rooms and blockers included.

use coterie_app::{App, UseCaseError, assignment, blocker, booking, resource};
use coterie_domain::{
    AssignmentId, BlockerId, BookingId, MembershipId, ResourceId, SeriesId,
    assignment::OPEN_END,
    resource::{NewResource, NewTerms},
    series::Wish,
};
use coterie_tests::{
    chain::{self, Chain},
    guards::guards_agree,
};
use jiff::{
    Span, Timestamp,
    civil::{Date, DateTime, date},
    tz::TimeZone,
};
use sqlx::PgPool;
use std::collections::{BTreeMap, BTreeSet};
use uuid::Uuid;

use super::opened;
use crate::crash::Dice;

const STEPS: u64 = 2_000;
const MANY_STEPS: u64 = 100_000;
/// How often the tables are held to the model.
const LOOK_EVERY: u64 = 500;
/// The days that are booked, from 22 January on: the hours of the house are 08:00 to 20:00.
const DAYS: u64 = 8;

#[tokio::test]
async fn the_calendar_is_what_its_model_says() {
    walk(STEPS).await;
}

#[tokio::test]
#[ignore = "takes minutes"]
async fn the_calendar_is_what_its_model_says_for_long() {
    walk(MANY_STEPS).await;
}

#[derive(Debug, Clone)]
struct Room {
    id: ResourceId,
    takes: BTreeSet<ResourceId>,
    before: i64,
    after: i64,
}

#[derive(Debug, Clone)]
struct Held {
    takes: BTreeSet<ResourceId>,
    from: Timestamp,
    until: Timestamp,
}

struct Model {
    zone: TimeZone,
    rooms: Vec<Room>,
    held: BTreeMap<Uuid, Held>,
    bookings: Vec<(BookingId, usize)>,
    blockers: Vec<BlockerId>,
    /// Each with its first day.
    assignments: Vec<(AssignmentId, Date)>,
    membership: MembershipId,
    series: Vec<(SeriesId, Vec<BookingId>)>,
}

impl Model {
    fn hold(&self, room: usize, (start, end): (DateTime, DateTime), buffers: bool) -> Held {
        let room = &self.rooms[room];
        let at = |wall: DateTime| self.zone.to_timestamp(wall).expect("a time that exists");
        let (before, after) = if buffers { (room.before, room.after) } else { (0, 0) };
        Held {
            takes: room.takes.clone(),
            from: at(start).checked_sub(Span::new().minutes(before)).expect("in range"),
            until: at(end).checked_add(Span::new().minutes(after)).expect("in range"),
        }
    }

    /// Whole days; without a last one, all that come.
    fn hold_days(&self, room: usize, first: Date, last: Option<Date>) -> Held {
        let starts = |day: Date| self.zone.to_timestamp(day.at(0, 0, 0, 0)).expect("a day that begins");
        Held {
            takes: self.rooms[room].takes.clone(),
            from: starts(first),
            until: last.map_or(OPEN_END, |last| starts(last.tomorrow().expect("in range"))),
        }
    }

    fn is_free(&self, wanted: &Held, own: Option<Uuid>) -> bool {
        self.held.iter().all(|(id, held)| {
            own == Some(*id)
                || held.takes.is_disjoint(&wanted.takes)
                || wanted.until <= held.from
                || held.until <= wanted.from
        })
    }

    fn forget(&mut self, id: BookingId) {
        self.held.remove(&id.0);
        self.bookings.retain(|(known, _)| *known != id);
    }

    /// The reservations are the model's, row by row.
    async fn is_what_is_held(&self, pool: &PgPool) {
        let rows: Vec<(Uuid, Uuid, String, String)> = sqlx::query_as(
            "select booking_id, resource_id, (extract(epoch from lower(blocked)))::bigint::text, (extract(epoch from upper(blocked)))::bigint::text
             from reservation order by 1, 2",
        )
        .fetch_all(pool)
        .await
        .expect("the database answers");
        let mut expected = Vec::new();
        for (id, held) in &self.held {
            for resource in &held.takes {
                let (from, until) = (held.from.as_second(), held.until.as_second());
                expected.push((*id, resource.0, from.to_string(), until.to_string()));
            }
        }
        assert_eq!(rows, expected);
    }
}

/// Elbe and Spree, the hall that they are together, and a terrace with times before and after.
async fn rooms(app: &App, chain: &Chain) -> Vec<Room> {
    let mut made = Vec::new();
    for (name, before, after) in [("Hall", 15, 30), ("Terrace", 30, 0)] {
        let new = NewResource {
            name: name.to_owned(),
            buffer_before_minutes: before,
            buffer_after_minutes: after,
            ..NewResource::default()
        };
        let added = resource::add(app, &chain.owner, chain.room_type, chain.location, new);
        made.push(added.await.expect("a room is added").outcome);
    }
    let terms = NewTerms {
        parts: vec![chain.elbe, chain.spree],
        ..NewTerms::default()
    };
    resource::set_terms(app, &chain.owner, made[0], terms)
        .await
        .expect("the hall is both rooms");
    let room = |id, parts: &[ResourceId], before, after| Room {
        id,
        takes: parts.iter().copied().chain([id]).collect(),
        before,
        after,
    };
    vec![
        room(chain.elbe, &[], 0, 0),
        room(chain.spree, &[], 0, 0),
        room(made[0], &[chain.elbe, chain.spree], 15, 30),
        room(made[1], &[], 30, 0),
    ]
}

fn a_time(dice: &mut Dice) -> (DateTime, DateTime) {
    let day = date(2026, 1, 22)
        .at(8, 0, 0, 0)
        .saturating_add(Span::new().days(below(dice, DAYS)));
    let half_hours = 1 + below(dice, 6);
    let start = day.saturating_add(Span::new().minutes(30 * below(dice, 18)));
    (start, start.saturating_add(Span::new().minutes(30 * half_hours)))
}

fn below(dice: &mut Dice, end: u64) -> i64 {
    i64::try_from(dice.below(end)).expect("a small number")
}

fn index(dice: &mut Dice, len: usize) -> usize {
    usize::try_from(dice.below(len as u64)).expect("a small number")
}

/// What was refused as taken; anything else is not expected here.
fn taken<T>(answer: Result<T, UseCaseError>, codes: &[&str], what: &str) -> Option<T> {
    match answer {
        Ok(outcome) => Some(outcome),
        Err(error) => {
            assert!(
                error.code().is_some_and(|code| codes.contains(&code)),
                "{what}: {error:?}"
            );
            None
        }
    }
}

async fn walk(steps: u64) {
    let mut dice = Dice::new("use_cases::calendar");
    let (database, app, chain) = opened().await;
    let subscribed = chain::subscribe(&app, &chain).await;
    let mut model = Model {
        zone: TimeZone::get(chain::ZONE).expect("a zone"),
        rooms: rooms(&app, &chain).await,
        held: BTreeMap::new(),
        bookings: Vec::new(),
        blockers: Vec::new(),
        assignments: Vec::new(),
        membership: subscribed.membership_id,
        series: Vec::new(),
    };
    let minutes_before = minutes(&database.owner).await;
    let mut won = 0;
    for step in 1..=steps {
        won += u64::from(one(&mut model, &mut dice, &app, &chain, step).await);
        if step % LOOK_EVERY == 0 {
            model.is_what_is_held(&database.owner).await;
        }
    }
    assert!(won > steps / 4, "of {steps} steps only {won} changed anything");
    model.is_what_is_held(&database.owner).await;
    guards_agree(&database.worker, chain.tenant).await;
    // Whatever is given up in time gives back what it took: in the end every minute is there again.
    for (id, _) in model.bookings.clone() {
        booking::cancel(&app, &chain.owner, id).await.expect("it is cancelled");
        model.forget(id);
    }
    assert_eq!(minutes(&database.owner).await, minutes_before);
    guards_agree(&database.worker, chain.tenant).await;
}

async fn minutes(pool: &PgPool) -> Vec<(Uuid, i64)> {
    sqlx::query_as("select lot_id, amount_left from credit_lot order by 1")
        .fetch_all(pool)
        .await
        .expect("the database answers")
}

/// One random thing; whether it changed the calendar.
async fn one(model: &mut Model, dice: &mut Dice, app: &App, chain: &Chain, step: u64) -> bool {
    let room = index(dice, model.rooms.len());
    let (start, end) = a_time(dice);
    let what = format!("step {step}");
    match dice.below(14) {
        0..=4 => {
            let wish = booking::Book {
                member_id: chain.ada,
                resource_id: model.rooms[room].id,
                start,
                end,
                people: None,
            };
            let held = model.hold(room, (start, end), true);
            let free = model.is_free(&held, None);
            let booked = taken(booking::book(app, &chain.owner, wish).await, &["slot_taken"], &what);
            assert_eq!(booked.is_some(), free, "{what}: {start} to {end} in room {room}");
            if let Some(done) = booked {
                model.held.insert(done.outcome.0, held);
                model.bookings.push((done.outcome, room));
            }
            free
        }
        5..=6 if !model.bookings.is_empty() => {
            let at = index(dice, model.bookings.len());
            let (id, _) = model.bookings[at];
            let wish = booking::Move {
                booking_id: id,
                resource_id: model.rooms[room].id,
                start,
                end,
                agreed: None,
                people: None,
            };
            let held = model.hold(room, (start, end), true);
            let free = model.is_free(&held, Some(id.0));
            let moved = taken(
                booking::move_booking(app, &chain.owner, wish).await,
                &["slot_taken"],
                &what,
            );
            assert_eq!(moved.is_some(), free, "{what}: {id} to {start} in room {room}");
            if free {
                model.held.insert(id.0, held);
                model.bookings[at].1 = room;
            }
            free
        }
        7..=8 if !model.bookings.is_empty() => {
            let (id, _) = model.bookings[index(dice, model.bookings.len())];
            booking::cancel(app, &chain.owner, id).await.expect("it is cancelled");
            model.forget(id);
            true
        }
        9 => {
            let new = blocker::NewBlocker {
                resource_id: model.rooms[room].id,
                start,
                end,
                reason: "Painting".to_owned(),
            };
            let held = model.hold(room, (start, end), false);
            let free = model.is_free(&held, None);
            let placed = blocker::place(app, &chain.owner, new).await;
            let placed = taken(placed, &["bookings_in_the_way"], &what);
            assert_eq!(placed.is_some(), free, "{what}: blocking room {room}");
            if let Some(done) = placed {
                model.held.insert(done.outcome.0, held);
                model.blockers.push(done.outcome);
            }
            free
        }
        10 if !model.blockers.is_empty() => {
            let id = model.blockers.swap_remove(index(dice, model.blockers.len()));
            blocker::lift(app, &chain.owner, id, None).await.expect("it is lifted");
            model.held.remove(&id.0);
            true
        }
        11 => assign(model, dice, app, chain, (room, start.date()), &what).await,
        12 if !model.assignments.is_empty() => {
            let at = index(dice, model.assignments.len());
            let (id, first) = model.assignments[at];
            let starts_and_ends = model.hold_days(room, first, Some(first));
            let held = model.held.get_mut(&id.0).expect("it is held");
            // Made shorter where it can be, else taken back: none of them has begun.
            let shorter = dice.below(2) == 0 && held.until > starts_and_ends.until;
            let last_day = shorter.then_some(first);
            let ended = assignment::end(app, &chain.owner, id, None, last_day).await;
            ended.expect("it ends");
            if shorter {
                held.until = starts_and_ends.until;
            } else {
                model.held.remove(&id.0);
                model.assignments.swap_remove(at);
            }
            true
        }
        _ if model.series.len() > 4 => {
            let (id, bookings) = model.series.swap_remove(index(dice, model.series.len()));
            let any_left = bookings.iter().any(|id| model.held.contains_key(&id.0));
            let cancelled = booking::cancel_series(app, &chain.owner, id, date(2026, 1, 1)).await;
            let cancelled = taken(cancelled, &["nothing_left"], &what);
            assert_eq!(cancelled.is_some(), any_left, "{what}: cancelling a series");
            for id in bookings {
                model.forget(id);
            }
            any_left
        }
        _ => series(model, dice, app, chain, (room, start, end), &what).await,
    }
}

async fn assign(
    model: &mut Model,
    dice: &mut Dice,
    app: &App,
    chain: &Chain,
    (room, first): (usize, Date),
    what: &str,
) -> bool {
    let days = Span::new().days(below(dice, 2));
    let last = (dice.below(4) > 0).then(|| first.saturating_add(days));
    let new = assignment::NewAssignment {
        resource_id: model.rooms[room].id,
        membership_id: model.membership,
        first_day: first,
        last_day: last,
    };
    let held = model.hold_days(room, first, last);
    let free = model.is_free(&held, None);
    let made = taken(assignment::make(app, &chain.owner, new).await, &["in_the_way"], what);
    assert_eq!(made.is_some(), free, "{what}: assigning room {room} from {first}");
    if let Some(done) = made {
        model.held.insert(done.outcome.0, held);
        model.assignments.push((done.outcome, first));
    }
    free
}

async fn series(
    model: &mut Model,
    dice: &mut Dice,
    app: &App,
    chain: &Chain,
    (room, start, end): (usize, DateTime, DateTime),
    what: &str,
) -> bool {
    let count = 2 + below(dice, 3);
    let leaving_out = dice.below(2) == 0;
    let mut expected = Vec::new();
    for day in 0..count {
        let later = Span::new().days(day);
        let times = (start.saturating_add(later), end.saturating_add(later));
        let held = model.hold(room, times, true);
        if model.is_free(&held, None) {
            expected.push((times.0, held));
        }
    }
    let booked = booking::BookSeries {
        wish: Wish {
            member_id: chain.ada,
            resource_id: model.rooms[room].id,
            starts_at: start,
            ends_at: end,
            rule: format!("FREQ=DAILY;COUNT={count}"),
            people: None,
        },
        leaving_out,
        agreed: None,
    };
    let all = i64::try_from(expected.len()) == Ok(count);
    let can = all || (leaving_out && !expected.is_empty());
    let booked = booking::book_series(app, &chain.owner, booked).await;
    let booked = taken(booked, &["times_not_free"], what);
    assert_eq!(booked.is_some(), can, "{what}: a series from {start} in room {room}");
    if let Some(done) = booked {
        let starts: Vec<DateTime> = done.outcome.bookings.iter().map(|time| time.starts_at).collect();
        assert_eq!(
            starts,
            expected.iter().map(|(start, _)| *start).collect::<Vec<_>>(),
            "{what}"
        );
        let ids: Vec<BookingId> = done.outcome.bookings.iter().map(|time| time.booking_id).collect();
        for (id, (_, held)) in ids.iter().zip(expected) {
            model.held.insert(id.0, held);
            model.bookings.push((*id, room));
        }
        model.series.push((done.outcome.series_id, ids));
    }
    can
}
