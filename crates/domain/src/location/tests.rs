//! Hours, terms and closures of a location.

use super::{CancellationStep, LocationEvent, close, lift, set_cancellation, set_hours};
use crate::{
    ClosureId, LocationId,
    booking::{next_free, slot},
    catalogue::Catalogue,
    testing::{MITTE, ROOM, at, chain, date, id, record, wall, when},
};

const CHRISTMAS: ClosureId = ClosureId(uuid::Uuid::from_u128(0x91));

/// Mitte is closed from Thursday 24 to Saturday 26 December; on Sundays it never opens.
fn closed() -> Catalogue {
    let mut all = chain();
    let days = (date("2026-12-24"), date("2026-12-26"));
    let fact = close(CHRISTMAS, MITTE, days, " Christmas ", None, &all).unwrap();
    record::<LocationEvent>(&mut all, fact);
    all
}

#[test]
fn nobody_books_on_a_closed_day_and_is_told_when_it_opens() {
    let all = closed();
    let asked =
        |start: &str, end: &str, all: &Catalogue| slot(ROOM, wall(start), wall(end), at("2026-12-01T08:00Z"), all);
    let refusal = when(asked("2026-12-24T10:00", "2026-12-24T12:00", &all)).then_refused("location_closed");
    assert_eq!(
        refusal.sentence,
        "Mitte is closed then: Christmas. It opens again on 28 December 2026."
    );
    when(asked("2026-12-23T10:00", "2026-12-23T12:00", &all)).decided();
    when(asked("2026-12-28T10:00", "2026-12-28T12:00", &all)).decided();
    // What is offered instead lies after the closure.
    let wanted = asked("2026-12-23T18:00", "2026-12-23T20:00", &all).unwrap();
    let busy = [(wanted.blocked_from, wanted.blocked_until)];
    let (start, _) = next_free(&wanted, &busy, &all).unwrap();
    assert_eq!(start, wall("2026-12-28T08:00"));

    let mut open = all.clone();
    record::<LocationEvent>(&mut open, lift(CHRISTMAS, MITTE, &all).unwrap());
    when(asked("2026-12-24T10:00", "2026-12-24T12:00", &open)).decided();
    when(lift(CHRISTMAS, MITTE, &open)).then_refused("already_open");
    when(lift(ClosureId(id(7)), MITTE, &open)).then_refused("unknown_closure");
}

#[test]
fn a_closure_needs_days_in_order_and_a_reason() {
    let all = chain();
    let closing =
        |first: &str, last: &str, reason: &str| close(CHRISTMAS, MITTE, (date(first), date(last)), reason, None, &all);
    when(closing("2026-12-26", "2026-12-24", "")).then_faults(&["reason", "last_day"]);
    when(closing("2026-01-01", "2027-01-02", "Rebuilt")).then_faults(&["last_day"]);
    when(closing("2026-01-01", "2027-01-01", "Rebuilt")).decided();
    when(close(
        CHRISTMAS,
        LocationId(id(999)),
        (date("2026-01-01"), date("2026-01-01")),
        "x",
        None,
        &all,
    ))
    .then_refused("unknown_location");
}

#[test]
fn hours_that_are_set_count_from_then_on() {
    let mut all = chain();
    let set = set_hours(MITTE, "Sun 10:00-12:00", &all).unwrap();
    record::<LocationEvent>(&mut all, set);
    assert_eq!(all.locations[&MITTE].hours.to_string(), "Sun 10:00-12:00");
    assert!(
        all.hours_on(MITTE, date("2026-01-20")).unwrap().is_none(),
        "Tuesdays are closed now"
    );
    let refusal = when(set_hours(MITTE, "always", &all)).then_refused("invalid");
    assert_eq!(refusal.fields[0].field, "opening_hours");
}

#[test]
fn less_notice_never_costs_less() {
    let all = chain();
    let step = |at_least_minutes_before, percent_due| CancellationStep {
        at_least_minutes_before,
        percent_due,
    };
    let set = |steps: &[CancellationStep]| set_cancellation(MITTE, steps, &all);
    let fact = when(set(&[step(60, 50), step(1440, 0)])).decided();
    assert_eq!(fact.policy.steps, [step(1440, 0), step(60, 50)]);
    when(set(&[])).decided();
    when(set(&[step(60, 0), step(1440, 50)])).then_faults(&["cancellation"]);
    when(set(&[step(60, 0), step(60, 50)])).then_faults(&["cancellation"]);
    when(set(&[step(-60, 0)])).then_faults(&["cancellation"]);
    when(set(&[step(60, 101)])).then_faults(&["cancellation"]);
}
