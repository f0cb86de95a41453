use super::super::*;
use crate::{
    catalogue::Catalogue,
    charge::ChargeKind,
    resource::{NewTerms, ResourceEvent, set_terms},
    testing::{BOOKING, CHARGE, FEE, ROOM, ada, at, chain, eur, given, membership_from, record, wall, when},
};

/// Where one checks in within a quarter of an hour, and not coming costs 15.
fn strict() -> Catalogue {
    let mut all = chain();
    let terms = NewTerms {
        check_in_minutes: Some(15),
        no_show_fee_minor: 1_500,
        ..NewTerms::default()
    };
    let set = set_terms(ROOM, &terms, &all).unwrap();
    record::<ResourceEvent>(&mut all, set);
    all
}

/// Thursday 22 January, 13:00 to 15:00 in Berlin.
fn booked(all: &Catalogue) -> Booking {
    let now = at("2026-01-20T06:00Z");
    let slot = slot(ROOM, wall("2026-01-22T13:00"), wall("2026-01-22T15:00"), now, all).unwrap();
    let membership = membership_from("2026-01-20", all);
    let booked = confirm(BOOKING, CHARGE, &ada(), Some(&membership), &slot, &[], all).unwrap();
    given(Booking::evolve, [BookingEvent::from(booked.fact)]).state()
}

#[test]
fn one_checks_in_from_a_quarter_before_until_the_end() {
    let booking = booked(&chain());
    assert_eq!(booking.fact.check_in_by, None);
    let early = when(check_in(&booking, CheckInBy::Sign, at("2026-01-22T11:44:59Z"))).then_refused("too_early");
    assert_eq!(early.sentence, "You can check in from 22 January 2026, 12:45 on.");
    let fact = check_in(&booking, CheckInBy::Sign, at("2026-01-22T11:45Z")).unwrap();
    when(check_in(&booking, CheckInBy::Sign, at("2026-01-22T14:00Z"))).then_refused("already_over");
    let there = Booking::evolve(Some(booking), fact.into()).unwrap();
    when(check_in(&there, CheckInBy::Staff, at("2026-01-22T12:00Z"))).then_refused("already_checked_in");
}

#[test]
fn whoever_does_not_come_in_time_is_charged_what_was_said() {
    let all = strict();
    let booking = booked(&all);
    assert_eq!(booking.fact.check_in_by, Some(at("2026-01-22T12:15Z")));
    let before = no_show(&booking, 1, FEE, at("2026-01-22T12:14:59Z"), &all).unwrap();
    assert_eq!(before, None);
    let missed = no_show(&booking, 1, FEE, at("2026-01-22T12:15Z"), &all)
        .unwrap()
        .unwrap();
    let fee = missed.fee.unwrap();
    assert_eq!(
        (fee.kind, fee.net, fee.source.version),
        (ChargeKind::CancellationFee, eur(1_500), 2)
    );
    assert_eq!(fee.description, "Not used: Room Spree, 2026-01-22 13:00");
    let gone = Booking::evolve(Some(booking), missed.fact.into()).unwrap();
    assert_eq!(no_show(&gone, 2, FEE, at("2026-01-22T12:16Z"), &all).unwrap(), None);
    when(check_in(&gone, CheckInBy::Sign, at("2026-01-22T12:16Z"))).then_refused("no_show");
}

#[test]
fn terms_that_are_set_later_ask_nobody_who_booked_before() {
    let booking = booked(&chain());
    let later = no_show(&booking, 1, FEE, at("2026-01-22T14:00Z"), &strict()).unwrap();
    assert_eq!(later, None);
}

#[test]
fn whoever_was_there_is_not_there_at_another_time() {
    let all = strict();
    let booking = booked(&all);
    let fact = check_in(&booking, CheckInBy::Sign, at("2026-01-22T11:50Z")).unwrap();
    let there = Booking::evolve(Some(booking), fact.into()).unwrap();
    let to = |start: &str, end: &str| {
        let now = at("2026-01-22T11:55Z");
        let slot = slot(ROOM, wall(start), wall(end), now, &all).unwrap();
        let membership = membership_from("2026-01-20", &all);
        let moved = move_to(&there, 2, FEE, (&ada(), Some(&membership)), &slot, &[], &all).unwrap();
        Booking::evolve(Some(there.clone()), moved.fact.into()).unwrap()
    };
    assert!(to("2026-01-22T13:00", "2026-01-22T16:00").checked_in.is_some());
    assert!(to("2026-01-22T14:00", "2026-01-22T16:00").checked_in.is_none());
}
