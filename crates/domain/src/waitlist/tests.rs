use super::*;
use crate::{
    WaitlistEntryId,
    booking::{Slot, WaitsFor, confirm, slot},
    catalogue::Catalogue,
    resource::{NewTerms, ResourceEvent, set_terms},
    testing::{ADA, BOOKING, CHARGE, ROOM, ada, at, chain, given, id, membership_from, record, wall, when},
};

const ENTRY: WaitlistEntryId = WaitlistEntryId(uuid::Uuid::from_u128(0xd0));
const NOW: &str = "2026-01-20T06:00Z";

/// Thursday 22 January, 13:00 to 15:00 in Berlin.
fn wanted(all: &Catalogue) -> Slot {
    slot(ROOM, wall("2026-01-22T13:00"), wall("2026-01-22T15:00"), at(NOW), all).unwrap()
}

fn waiting(all: &Catalogue) -> WaitlistEntry {
    let joined = join(ENTRY, ADA, &wanted(all), at(NOW), all).unwrap();
    given(WaitlistEntry::evolve, [WaitlistEvent::from(joined)]).state()
}

#[test]
fn one_waits_for_a_time_with_its_buffers() {
    let all = chain();
    let entry = waiting(&all);
    assert_eq!(entry.fact.starts_at, at("2026-01-22T12:00Z"));
    assert_eq!(entry.fact.blocked_from, wanted(&all).blocked_from);
    when(join(ENTRY, ADA, &wanted(&all), at("2026-01-22T12:00Z"), &all)).then_refused("starts_now");
    let mut asked = chain();
    let terms = NewTerms {
        approval: true,
        ..NewTerms::default()
    };
    let set = set_terms(ROOM, &terms, &asked).unwrap();
    record::<ResourceEvent>(&mut asked, set);
    when(join(ENTRY, ADA, &wanted(&asked), at(NOW), &asked)).then_refused("approval_needed");
}

#[test]
fn an_offer_is_a_hold_of_two_hours_or_until_it_begins() {
    let all = chain();
    let slot = wanted(&all);
    let membership = membership_from("2026-01-20", &all);
    let booked = confirm(BOOKING, CHARGE, &ada(), Some(&membership), &slot, &[], &all).unwrap();
    let (offered, held) = offer(ENTRY, &booked, &slot, at("2026-01-22T08:00Z")).unwrap();
    assert_eq!(
        (held.waits_for, held.expires_at),
        (WaitsFor::Member, at("2026-01-22T10:00Z"))
    );
    assert_eq!(
        (offered.booking_id, offered.expires_at),
        (held.booking_id, held.expires_at)
    );
    let (late, _) = offer(ENTRY, &booked, &slot, at("2026-01-22T11:30Z")).unwrap();
    assert_eq!(late.expires_at, at("2026-01-22T12:00Z"));
}

#[test]
fn one_leaves_the_line_once_and_not_what_is_held() {
    let all = chain();
    let entry = waiting(&all);
    let ended = leave(&entry).unwrap();
    assert_eq!(ended.why, WaitlistEnd::Left);
    let gone = WaitlistEntry::evolve(Some(entry.clone()), ended.into()).unwrap();
    when(leave(&gone)).then_refused("waiting_is_over");
    let offered = WaitlistOffered {
        entry_id: ENTRY,
        booking_id: crate::BookingId(id(1)),
        expires_at: at("2026-01-22T10:00Z"),
    };
    let offered = WaitlistEntry::evolve(Some(entry), offered.into()).unwrap();
    when(leave(&offered)).then_refused("held_for_you");
}
