use crate::{
    booking::{Slot, slot},
    refusal::Refusal,
    resource::HORIZON_DAYS,
    testing::{NIGHT_ROOM, PIER_ROOM, ROOM, at, chain, id, wall, when},
};

/// Monday morning, 9 o'clock in Berlin, of the week the tests book in.
const NOW: &str = "2026-01-19T08:00Z";

fn room(start: &str, end: &str) -> Result<Slot, Refusal> {
    slot(ROOM, wall(start), wall(end), at(NOW), &chain())
}

#[test]
fn a_slot_is_resolved_in_the_locations_zone_with_its_buffers() {
    let slot = room("2026-01-20T09:00", "2026-01-20T11:00").unwrap();
    assert_eq!(
        (slot.starts_at, slot.ends_at),
        (at("2026-01-20T08:00Z"), at("2026-01-20T10:00Z"))
    );
    assert_eq!(
        (slot.blocked_from, slot.blocked_until),
        (at("2026-01-20T07:50Z"), at("2026-01-20T10:15Z"))
    );
    assert_eq!((slot.minutes, slot.time_zone.as_str()), (120, "Europe/Berlin"));
}

#[test]
fn each_fault_has_its_code_and_its_field() {
    for (start, end, code, field) in [
        ("2026-01-20T11:00", "2026-01-20T09:00", "ends_before_start", "ends_at"),
        ("2026-01-20T09:00", "2026-01-20T09:00", "ends_before_start", "ends_at"),
        (
            "2026-01-19T08:30",
            "2026-01-19T10:00",
            "starts_in_the_past",
            "starts_at",
        ),
        ("2027-02-24T09:00", "2027-02-24T10:00", "beyond_horizon", "starts_at"),
        ("2026-01-20T09:00", "2026-01-20T09:15", "length_not_allowed", "ends_at"),
        ("2026-01-20T08:00", "2026-01-20T16:30", "length_not_allowed", "ends_at"),
        ("2026-01-20T09:15", "2026-01-20T10:15", "not_on_the_step", "starts_at"),
        ("2026-01-20T09:00", "2026-01-20T10:15", "not_on_the_step", "starts_at"),
        (
            "2026-01-20T09:00:30",
            "2026-01-20T10:00:30",
            "not_on_the_step",
            "starts_at",
        ),
        // Half a minute more would be blocked and not paid for.
        (
            "2026-01-20T09:00",
            "2026-01-20T10:00:30",
            "not_on_the_step",
            "starts_at",
        ),
        (
            "2026-01-20T09:00",
            "2026-01-20T10:00:00.5",
            "not_on_the_step",
            "starts_at",
        ),
        (
            "2026-01-20T07:30",
            "2026-01-20T09:00",
            "outside_opening_hours",
            "starts_at",
        ),
        (
            "2026-01-20T19:00",
            "2026-01-20T20:30",
            "outside_opening_hours",
            "starts_at",
        ),
        (
            "2026-01-25T10:00",
            "2026-01-25T11:00",
            "outside_opening_hours",
            "starts_at",
        ),
    ] {
        let refusal = when(room(start, end)).then_refused(code);
        assert_eq!(refusal.fields[0].field, field, "{start} to {end}");
        assert_eq!(refusal.fields[0].message, refusal.sentence);
    }
    when(slot(
        crate::ResourceId(id(0xdead)),
        wall("2026-01-20T09:00"),
        wall("2026-01-20T10:00"),
        at(NOW),
        &chain(),
    ))
    .then_refused("unknown_resource");
}

#[test]
fn the_first_and_last_moments_that_may_be_booked() {
    assert!(
        room("2026-01-19T09:00", "2026-01-19T10:00").is_ok(),
        "a booking may start now"
    );
    assert_eq!(HORIZON_DAYS, 400);
    assert!(
        room("2027-02-23T09:00", "2027-02-23T10:00").is_ok(),
        "exactly the horizon"
    );
    assert!(room("2026-01-20T08:00", "2026-01-20T16:00").is_ok(), "the longest");
    assert!(room("2026-01-20T19:30", "2026-01-20T20:00").is_ok(), "until closing");
}

#[test]
fn the_hours_refusal_names_them_with_their_zone() {
    let refusal = when(room("2026-01-25T10:00", "2026-01-25T11:00")).then_refused("outside_opening_hours");
    assert_eq!(
        refusal.sentence,
        "Mitte is open Mon-Fri 08:00-20:00; Sat 09:00-18:00 (Europe/Berlin)."
    );
}

/// Rule 2.
#[test]
fn one_to_four_lasts_what_the_clocks_say() {
    for (day, minutes) in [("2026-03-29", 120), ("2026-10-25", 240), ("2026-03-30", 180)] {
        let (start, end) = (wall(&format!("{day}T01:00")), wall(&format!("{day}T04:00")));
        let slot = slot(NIGHT_ROOM, start, end, at(NOW), &chain()).unwrap();
        assert_eq!(slot.minutes, minutes, "{day}");
        assert_eq!(slot.ends_at.duration_since(slot.starts_at).as_mins(), minutes);
    }
}

#[test]
fn a_start_or_end_that_does_not_exist_names_the_next_valid_time() {
    for (start, end, field) in [
        ("2026-03-29T02:30", "2026-03-29T04:00", "starts_at"),
        ("2026-03-29T01:00", "2026-03-29T02:30", "ends_at"),
    ] {
        let refusal =
            when(slot(NIGHT_ROOM, wall(start), wall(end), at(NOW), &chain())).then_refused("wall_time_does_not_exist");
        assert_eq!(refusal.fields[0].field, field);
        assert_eq!(refusal.extra["next_valid"], "2026-03-29T03:00");
    }
    let across = slot(
        PIER_ROOM,
        wall("2026-03-08T01:30"),
        wall("2026-03-08T03:30"),
        at(NOW),
        &chain(),
    )
    .unwrap();
    assert_eq!(across.minutes, 60);
}
