use super::super::*;
use crate::{
    catalogue::Catalogue,
    refusal::Refusal,
    resource::{NewTerms, ResourceEvent, set_terms},
    testing::{BOOKING, CHARGE, ROOM, ada, at, chain, eur, given, lot, membership_from, record, wall, when},
};
use jiff::Timestamp;

/// Tuesday 20 January, 07:00 in Berlin.
const NOW: &str = "2026-01-20T06:00Z";

fn room_with(terms: &NewTerms) -> Catalogue {
    let mut all = chain();
    let set = set_terms(ROOM, terms, &all).unwrap();
    record::<ResourceEvent>(&mut all, set);
    all
}

/// Thursday 22 January, 13:00 to 17:00 in Berlin: 3 h from the allowance, 1 h charged.
fn asked(now: Timestamp, all: &Catalogue) -> Result<BookingHeld, Refusal> {
    let slot = slot(ROOM, wall("2026-01-22T13:00"), wall("2026-01-22T17:00"), at(NOW), all)?;
    let lots = [lot(1, 180, "2025-12-31T23:00Z", "2026-01-31T23:00Z")];
    let membership = membership_from("2026-01-20", all);
    let booked = confirm(BOOKING, CHARGE, &ada(), Some(&membership), &slot, &lots, all)?;
    hold(&booked, &slot, now, all)
}

fn held(all: &Catalogue) -> Booking {
    let fact = asked(at(NOW), all).unwrap();
    given(Booking::evolve, [BookingEvent::from(fact)]).state()
}

#[test]
fn a_hold_says_its_price_and_charges_nothing() {
    let fact = asked(at(NOW), &chain()).unwrap();
    assert_eq!(
        (fact.waits_for, fact.expires_at),
        (WaitsFor::Member, at("2026-01-20T06:30Z"))
    );
    assert_eq!((fact.as_asked.charged, fact.as_asked.charge_id), (eur(2_000), None));
}

#[test]
fn a_hold_ends_when_its_time_would_begin() {
    let day_long = room_with(&NewTerms {
        hold_minutes: 24 * 60,
        ..NewTerms::default()
    });
    let fact = asked(at("2026-01-22T10:00Z"), &day_long).unwrap();
    assert_eq!(fact.expires_at, at("2026-01-22T12:00Z"));
    when(asked(at("2026-01-22T12:00Z"), &day_long)).then_refused("starts_now");
}

#[test]
fn a_room_that_cannot_be_held_says_so() {
    let none = room_with(&NewTerms {
        hold_minutes: 0,
        ..NewTerms::default()
    });
    when(asked(at(NOW), &none)).then_refused("no_holds");
}

#[test]
fn a_word_counts_until_the_hold_is_over() {
    let all = chain();
    let booking = held(&all);
    let (hold, slot) = slot_held(&booking, at("2026-01-20T06:29:59Z"), &all).unwrap();
    assert_eq!((hold.asked_at, slot.starts_at), (at(NOW), at("2026-01-22T12:00Z")));
    when(slot_held(&booking, at("2026-01-20T06:30Z"), &all)).then_refused("hold_expired");
    let expired = Booking::evolve(Some(booking), HoldExpired { booking_id: BOOKING }.into());
    when(slot_held(&expired.unwrap(), at(NOW), &all)).then_refused("hold_expired");
}

/// Whoever held it in time may book it when the notice that the room wants has begun.
#[test]
fn what_was_in_time_when_it_was_held_is_in_time() {
    let all = room_with(&NewTerms {
        lead_minutes: 48 * 60,
        hold_minutes: 7 * 24 * 60,
        ..NewTerms::default()
    });
    let booking = held(&all);
    let day_before = at("2026-01-21T12:00Z");
    assert!(slot_held(&booking, day_before, &all).is_ok());
    let anew = slot(
        ROOM,
        wall("2026-01-22T13:00"),
        wall("2026-01-22T17:00"),
        day_before,
        &all,
    );
    when(anew).then_refused("too_short_notice");
}

#[test]
fn a_hold_is_given_up_for_nothing_and_is_not_moved() {
    let all = chain();
    let booking = held(&all);
    let given_up = cancel(&booking, None, false, CHARGE, at("2026-01-22T11:59Z"), &all).unwrap();
    assert_eq!((given_up.fact.percent_due, given_up.fee), (0, None));
    let elsewhere = (ROOM, wall("2026-01-23T10:00"), wall("2026-01-23T11:00"));
    when(slot_to_move(&booking, false, elsewhere, None, at(NOW), &all)).then_refused("only_held");
    let cancelled = Booking::evolve(Some(booking), given_up.fact.into()).unwrap();
    when(slot_held(&cancelled, at(NOW), &all)).then_refused("already_cancelled");
}

#[test]
fn a_request_waits_for_staff_and_takes_their_no_with_its_reason() {
    let all = room_with(&NewTerms {
        approval: true,
        ..NewTerms::default()
    });
    let booking = held(&all);
    let hold = booking.held().unwrap();
    assert_eq!(
        (hold.waits_for, hold.expires_at),
        (WaitsFor::Staff, at("2026-01-22T12:00Z"))
    );
    when(decline(&booking, " ")).then_faults(&["reason"]);
    let fact = decline(&booking, "We paint it.").unwrap();
    let declined = Booking::evolve(Some(booking), fact.into()).unwrap();
    when(decline(&declined, "We paint it.")).then_refused("declined");
    when(decline(&held(&chain()), "We paint it.")).then_refused("nothing_asked");
    let slot = slot(ROOM, wall("2026-01-22T13:00"), wall("2026-01-22T17:00"), at(NOW), &all).unwrap();
    when(check_no_approval(&slot, &all)).then_refused("approval_needed");
}
