use super::*;
use crate::{
    BlockerId,
    testing::{ROOM, chain, id, when},
};
use jiff::{Timestamp, civil::DateTime};

fn wall(text: &str) -> DateTime {
    text.parse().unwrap()
}

fn now() -> Timestamp {
    "2026-01-20T09:00:00Z".parse().unwrap()
}

#[test]
fn a_room_is_taken_out_of_service_at_any_hour_and_once_given_back() {
    let all = chain();
    let times = (wall("2026-01-22T22:00"), wall("2026-01-24T06:00"));
    let placed = place(BlockerId(id(1)), ROOM, times, " Painting ", now(), &all).unwrap();
    assert_eq!(placed.reason, "Painting");
    assert_eq!(placed.starts_at.to_string(), "2026-01-22T21:00:00Z");
    let blocker = Blocker::evolve(None, placed.into()).unwrap();
    let lifted = lift(&blocker).unwrap();
    let blocker = Blocker::evolve(Some(blocker), lifted.into()).unwrap();
    when(lift(&blocker)).then_refused("already_lifted");
}

#[test]
fn all_its_faults_are_told() {
    let all = chain();
    let place = |start: &str, end: &str, reason: &str| {
        place(BlockerId(id(1)), ROOM, (wall(start), wall(end)), reason, now(), &all)
    };
    when(place("2026-01-22T10:00", "2026-01-22T10:00", "")).then_faults(&["reason", "ends_at"]);
    when(place("2026-01-19T10:00", "2026-01-19T12:00", "x")).then_faults(&["ends_at"]);
    when(place("2026-01-22T10:00", "2027-03-22T10:00", "x")).then_faults(&["ends_at"]);
    when(place("2026-03-29T02:30", "2026-03-29T05:00", "x")).then_refused("wall_time_does_not_exist");
}
