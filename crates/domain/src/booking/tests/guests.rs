use super::super::*;
use crate::{
    GuestId,
    catalogue::Catalogue,
    refusal::Refusal,
    testing::{BOOKING, CHARGE, ROOM, ada, at, chain, given, id, membership_from, wall, when},
};

const NOW: &str = "2026-01-20T06:00Z";

fn booked(all: &Catalogue) -> Booking {
    let slot = slot(ROOM, wall("2026-01-22T13:00"), wall("2026-01-22T15:00"), at(NOW), all).unwrap();
    let membership = membership_from("2026-01-20", all);
    let booked = confirm(BOOKING, CHARGE, &ada(), Some(&membership), &slot, &[], all).unwrap();
    given(Booking::evolve, [BookingEvent::from(booked.fact)]).state()
}

fn ask(booking: &Booking, number: u128, email: &str, all: &Catalogue) -> Result<GuestInvited, Refusal> {
    invite(booking, GuestId(id(number)), "Grace", email, at(NOW), all)
}

#[test]
fn as_many_are_asked_as_the_room_holds() {
    let all = chain();
    let capacity = u128::try_from(all.resource(ROOM).unwrap().capacity).unwrap();
    let mut booking = booked(&all);
    for number in 1..capacity {
        let fact = ask(&booking, number, &format!("grace{number}@example.test"), &all).unwrap();
        booking = Booking::evolve(Some(booking), fact.into()).unwrap();
    }
    when(ask(&booking, 99, "one.more@example.test", &all)).then_refused("too_many_people");
    let gone = uninvite(&booking, GuestId(id(1)), at(NOW)).unwrap();
    let booking = Booking::evolve(Some(booking), gone.into()).unwrap();
    assert!(ask(&booking, 99, "one.more@example.test", &all).is_ok());
    when(uninvite(&booking, GuestId(id(1)), at(NOW))).then_refused("not_invited");
}

#[test]
fn an_address_is_asked_once_and_nobody_after_the_end() {
    let all = chain();
    let booking = booked(&all);
    when(ask(&booking, 1, "no address", &all)).then_faults(&["email"]);
    let fact = ask(&booking, 1, "grace@example.test", &all).unwrap();
    let booking = Booking::evolve(Some(booking), fact.into()).unwrap();
    when(ask(&booking, 2, "Grace@example.test", &all)).then_faults(&["email"]);
    let late = invite(
        &booking,
        GuestId(id(2)),
        "Hal",
        "hal@example.test",
        at("2026-01-22T14:00Z"),
        &all,
    );
    when(late).then_refused("already_over");
}
