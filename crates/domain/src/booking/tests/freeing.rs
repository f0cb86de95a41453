use crate::{
    booking::{next_free, slot},
    testing::{MITTE, NIGHT_ROOM, ROOM, at, chain, wall},
};
use jiff::Timestamp;
use proptest::prelude::*;

#[test]
fn the_next_free_time_leaves_room_for_both_buffers() {
    let all = chain();
    let asked = slot(
        ROOM,
        wall("2026-01-20T09:00"),
        wall("2026-01-20T10:00"),
        at("2026-01-19T08:00Z"),
        &all,
    )
    .unwrap();
    // Somebody has 09:00 to 10:00, which blocks 08:50 to 10:15; ours would block ten minutes before its start.
    let taken = (asked.blocked_from, asked.blocked_until);
    assert_eq!(
        next_free(&asked, &[taken], &all),
        Some((wall("2026-01-20T10:30"), wall("2026-01-20T11:30")))
    );
    // A day that is full leads to the next opening.
    let day = (at("2026-01-20T06:00Z"), at("2026-01-20T20:00Z"));
    assert_eq!(
        next_free(&asked, &[day], &all),
        Some((wall("2026-01-21T08:00"), wall("2026-01-21T09:00")))
    );
    let fortnight = (at("2026-01-20T06:00Z"), at("2026-02-10T20:00Z"));
    assert_eq!(next_free(&asked, &[fortnight], &all), None);
    assert_eq!(all.location(MITTE).unwrap().time_zone, "Europe/Berlin");
}

#[test]
fn the_second_pass_of_a_doubled_hour_is_not_offered() {
    let all = chain();
    let asked = slot(
        NIGHT_ROOM,
        wall("2026-10-25T02:00"),
        wall("2026-10-25T02:30"),
        at("2026-10-20T08:00Z"),
        &all,
    )
    .unwrap();
    assert_eq!(asked.starts_at, at("2026-10-25T00:00Z"));
    // Blocked until the clocks go back: the free half hours that follow are called 02:00 and 02:30 again.
    let taken = (at("2026-10-24T22:00Z"), at("2026-10-25T00:45Z"));
    assert_eq!(
        next_free(&asked, &[taken], &all),
        Some((wall("2026-10-25T03:00"), wall("2026-10-25T03:30")))
    );
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(crate::testing::cases(500)))]

    /// Rule 1: what is offered can be booked as written and overlaps nothing.
    #[test]
    fn what_is_offered_can_be_had(
        busy in prop::collection::vec((0i64..20_000, 1i64..2_000), 0..12),
        half_hours in 0i64..24,
        length in 1i64..=16,
    ) {
        let (all, now) = (chain(), at("2026-10-20T08:00Z"));
        let start = wall("2026-10-24T00:00").checked_add(jiff::Span::new().minutes(half_hours * 30)).unwrap();
        let end = start.checked_add(jiff::Span::new().minutes(length * 30)).unwrap();
        prop_assume!(end.date() == start.date());
        let asked = slot(NIGHT_ROOM, start, end, now, &all).unwrap();
        let minutes = |n: i64| Timestamp::from_second(at("2026-10-23T20:00Z").as_second() + n * 60).unwrap();
        let blocked: Vec<_> = busy.iter().map(|(from, length)| (minutes(*from), minutes(from + length))).collect();
        if let Some((from, until)) = next_free(&asked, &blocked, &all) {
            let offered = slot(NIGHT_ROOM, from, until, now, &all).unwrap();
            prop_assert!(offered.starts_at > asked.starts_at);
            prop_assert_eq!(offered.minutes, asked.minutes);
            let clear = |(from, until): &(Timestamp, Timestamp)| {
                offered.blocked_until <= *from || *until <= offered.blocked_from
            };
            prop_assert!(blocked.iter().all(clear));
        }
    }
}
