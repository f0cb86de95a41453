use crate::{
    booking::{Booking, BookingEvent, Moved, confirm, move_to, slot, slot_to_move},
    catalogue::Catalogue,
    charge::ChargeMade,
    credit::{CreditUse, Lot},
    refusal::Refusal,
    testing::{BOOKING, CHARGE, FEE, ROOM, ada, at, chain, eur, given, lot, membership_from, wall, when},
};
use proptest::prelude::*;

const EARLY: &str = "2026-01-20T06:00Z";

/// Thursday 22 January, 13:00 to 17:00 in Berlin: 3 h from two lots, 1 h charged. The lots as they are afterwards.
fn booked(all: &Catalogue) -> (Booking, ChargeMade, [Lot; 2]) {
    let lots = [
        lot(1, 120, "2025-12-31T23:00Z", "2026-01-31T23:00Z"),
        lot(2, 60, "2025-12-31T23:00Z", "2026-02-28T23:00Z"),
    ];
    let times = (wall("2026-01-22T13:00"), wall("2026-01-22T17:00"));
    let slot = slot(ROOM, times.0, times.1, at(EARLY), all).unwrap();
    let membership = membership_from("2026-01-20", all);
    let booked = confirm(BOOKING, CHARGE, &ada(), Some(&membership), &slot, &lots, all).unwrap();
    let booking = given(Booking::evolve, [BookingEvent::from(booked.fact)]).state();
    let empty = lots.map(|lot| Lot { left: 0, ..lot });
    (booking, booked.charge.unwrap(), empty)
}

fn moved(start: &str, end: &str, now: &str, all: &Catalogue) -> Result<Moved, Refusal> {
    let (booking, _, lots) = booked(all);
    let slot = slot_to_move(&booking, false, (ROOM, wall(start), wall(end)), None, at(now), all)?;
    let membership = membership_from("2026-01-20", all);
    move_to(&booking, 1, FEE, (&ada(), Some(&membership)), &slot, &lots, all)
}

#[test]
fn what_it_drew_on_comes_back_before_the_new_time_draws() {
    let all = chain();
    let shorter = when(moved("2026-01-23T09:00", "2026-01-23T11:30", EARLY, &all)).decided();
    assert_eq!(shorter.fact.voided_charge, Some(CHARGE));
    assert_eq!(
        shorter
            .fact
            .restored
            .iter()
            .map(|part| part.minutes)
            .collect::<Vec<_>>(),
        [120, 60]
    );
    assert_eq!(
        shorter
            .fact
            .now
            .credit_uses
            .iter()
            .map(|part| part.minutes)
            .collect::<Vec<_>>(),
        [120, 30]
    );
    assert_eq!((shorter.fact.now.charged, shorter.charge), (eur(0), None));

    let longer = when(moved("2026-01-23T09:00", "2026-01-23T14:30", EARLY, &all)).decided();
    let charge = longer.charge.unwrap();
    assert_eq!((charge.net, charge.charge_id), (eur(5_000), FEE));
    assert_eq!(
        (charge.source.version, charge.source.event_type.as_str()),
        (2, "BookingMoved")
    );
}

#[test]
fn the_booking_is_the_new_one_from_then_on() {
    let all = chain();
    let (booking, ..) = booked(&all);
    let fact = moved("2026-01-23T09:00", "2026-01-23T11:30", EARLY, &all).unwrap().fact;
    let now = Booking::evolve(Some(booking), BookingEvent::from(fact.clone())).unwrap();
    assert_eq!(now.fact, fact.now);
    assert!(now.cancelled().is_none());
}

/// The free window ends a day before the start, at 13:00 in Berlin.
#[test]
fn late_it_can_only_be_made_longer() {
    let all = chain();
    let late = "2026-01-21T12:01Z";
    for (start, end) in [
        ("2026-01-23T13:00", "2026-01-23T17:00"),
        ("2026-01-22T13:00", "2026-01-22T16:30"),
        ("2026-01-22T13:30", "2026-01-22T17:30"),
    ] {
        when(moved(start, end, late, &all)).then_refused("too_late_to_move");
    }
    for (start, end) in [
        ("2026-01-22T13:00", "2026-01-22T17:30"),
        ("2026-01-22T12:30", "2026-01-22T17:00"),
        ("2026-01-22T13:00", "2026-01-22T17:00"),
    ] {
        when(moved(start, end, late, &all)).decided();
    }
}

#[test]
fn one_that_has_begun_can_only_go_on() {
    let all = chain();
    let begun = "2026-01-22T13:00Z";
    when(moved("2026-01-22T13:00", "2026-01-22T18:00", begun, &all)).decided();
    when(moved("2026-01-22T12:00", "2026-01-22T18:00", begun, &all)).then_refused("starts_in_the_past");
    when(moved("2026-01-22T13:00", "2026-01-22T16:00", begun, &all)).then_refused("already_begun");
    when(moved("2026-01-22T13:00", "2026-01-22T18:00", "2026-01-22T16:00Z", &all)).then_refused("already_over");
    when(moved("2026-01-20T08:30", "2026-01-20T09:30", "2026-01-20T08:00Z", &all)).then_refused("starts_in_the_past");
}

#[test]
fn what_stands_on_an_invoice_or_is_cancelled_is_not_moved() {
    let all = chain();
    let (booking, charge, _) = booked(&all);
    let to = (ROOM, wall("2026-01-23T09:00"), wall("2026-01-23T10:00"));
    when(slot_to_move(&booking, true, to, None, at(EARLY), &all)).then_refused("already_invoiced");
    let cancelled = crate::booking::cancel(&booking, Some(&charge), false, FEE, at(EARLY), &all).unwrap();
    let booking = Booking::evolve(Some(booking), BookingEvent::from(cancelled.fact)).unwrap();
    when(slot_to_move(&booking, false, to, None, at(EARLY), &all)).then_refused("already_cancelled");
}

proptest! {
    /// However it is moved in the free window, minutes and money are those of a booking made anew.
    #[test]
    fn moving_costs_what_booking_anew_would(half_hours in 1_i8..=16, first in 8_i8..=11) {
        let all = chain();
        let (_, _, lots) = booked(&all);
        let start = wall("2026-01-23T00:00").with().hour(first).build().unwrap();
        let end = start.checked_add(jiff::Span::new().minutes(i64::from(half_hours) * 30)).unwrap();
        let moved = moved(&start.to_string(), &end.to_string(), EARLY, &all).unwrap();
        let uses: i64 = moved.fact.now.credit_uses.iter().map(|part: &CreditUse| part.minutes).sum();
        let minutes = i64::from(half_hours) * 30;
        prop_assert_eq!(uses, minutes.min(180));
        prop_assert_eq!(moved.fact.now.charged, eur((minutes - uses) * 2_000 / 60));
        prop_assert_eq!(lots.iter().map(|lot| lot.left).sum::<i64>(), 0);
    }
}
