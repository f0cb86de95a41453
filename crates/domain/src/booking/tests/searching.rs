//! Every start that is offered can be booked, and every start that can be booked is offered.

use crate::{
    booking::{Search, Window, slot, windows},
    local_time::Hours,
    resource::{NewTerms, ResourceEvent, set_terms},
    testing::{ROOM, at, chain, date, record, wall, when},
};
use jiff::{
    Timestamp, ToSpan,
    civil::{DateTime, Time},
};
use proptest::prelude::*;

const NOW: &str = "2026-01-19T08:10Z";

fn search(minutes: i64) -> Search {
    Search {
        first_day: date("2026-01-19"),
        last_day: date("2026-01-21"),
        hours: Hours {
            from: Time::midnight(),
            to: Time::midnight(),
        },
        minutes,
        capacity: 0,
        amenities: Vec::new(),
        location: None,
        resource_type: None,
    }
}

#[test]
fn what_is_looked_for_has_to_make_sense() {
    let faulty = Search {
        last_day: date("2026-01-18"),
        minutes: 0,
        hours: Hours {
            from: Time::constant(12, 0, 0, 0),
            to: Time::constant(10, 0, 0, 0),
        },
        ..search(60)
    };
    when(faulty.check()).then_faults(&["last_day", "minutes", "until"]);
    let long = Search {
        last_day: date("2026-02-02"),
        ..search(60)
    };
    when(long.check()).then_faults(&["last_day"]);
    assert!(search(60).check().is_ok());
}

#[test]
fn rooms_that_would_do_have_what_is_asked_for() {
    let mut all = chain();
    let terms = NewTerms {
        horizon_days: 30,
        amenities: vec!["Projector".into()],
        ..NewTerms::default()
    };
    let set = set_terms(ROOM, &terms, &all).unwrap();
    record::<ResourceEvent>(&mut all, set);
    let wanted = Search {
        amenities: vec![" projector".into()],
        ..search(60)
    };
    let found: Vec<_> = wanted.resources(&all).iter().map(|room| room.resource_id).collect();
    assert_eq!(found, [ROOM]);
    let longer = Search { minutes: 600, ..wanted };
    assert!(
        longer.resources(&all).is_empty(),
        "it is booked for eight hours at most"
    );
}

proptest! {
    /// Held to trying every quarter of an hour with the rule that books.
    #[test]
    fn windows_are_the_starts_that_can_be_booked(
        taken in prop::collection::vec((0_i64..72 * 4, 1_i64..12), 0..10),
        minutes in prop::sample::select(vec![30_i64, 60, 90, 480]),
        lead in prop::sample::select(vec![0_i32, 50, 600]),
        from in 0_i8..12,
        to in 13_i8..24,
    ) {
        let mut all = chain();
        let terms = NewTerms { lead_minutes: lead, horizon_days: 2, ..NewTerms::default() };
        let set = set_terms(ROOM, &terms, &all).unwrap();
        record::<ResourceEvent>(&mut all, set);
        let now = at(NOW);
        let midnight = at("2026-01-18T23:00Z");
        let mut taken: Vec<(Timestamp, Timestamp)> = taken
            .into_iter()
            .map(|(begin, length)| {
                let begins = midnight.checked_add((begin * 15).minutes()).unwrap();
                (begins, begins.checked_add((length * 15).minutes()).unwrap())
            })
            .collect();
        taken.sort_unstable();
        let hours = Hours { from: Time::constant(from, 0, 0, 0), to: Time::constant(to, 0, 0, 0) };
        let search = Search { hours, ..search(minutes) };
        let room = all.resource(ROOM).unwrap().clone();
        let found = windows(&search, &room, &taken, now, &all).unwrap();
        let offered = |start: DateTime| found.iter().any(|Window { first_start, last_start, .. }| (first_start..=last_start).contains(&&start));
        let mut start = date("2026-01-19").at(0, 0, 0, 0);
        while start < date("2026-01-22").at(0, 0, 0, 0) {
            let end = start.saturating_add(minutes.minutes());
            let inside = start.time() >= hours.from && end.time() <= hours.to && start.date() == end.date();
            let can = inside && slot(ROOM, start, end, now, &all).is_ok_and(|slot| {
                taken.iter().all(|(begins, ends)| slot.blocked_until <= *begins || *ends <= slot.blocked_from)
            });
            let on_the_grid = i64::from(start.minute()) % i64::from(room.step_minutes) == 0;
            prop_assert_eq!(offered(start) && on_the_grid, can, "{} for {} minutes: {:?}", start, minutes, found);
            start = start.saturating_add(15.minutes());
        }
    }
}

#[test]
fn of_a_window_stays_what_a_plan_lets_in() {
    let window = |first: &str, last: &str| Window {
        resource_id: ROOM,
        first_start: wall(&format!("2026-01-{first}")),
        last_start: wall(&format!("2026-01-{last}")),
    };
    let access = crate::local_time::OpeningHours::parse("Mon-Fri 08:10-18:00; Sat 10:00-24:00").unwrap();
    let left = |first: &str, last: &str, minutes| {
        let left = window(first, last).in_access(&access, minutes, 30)?;
        let clock = |at: jiff::civil::DateTime| at.strftime("%H:%M").to_string();
        Some((clock(left.first_start), clock(left.last_start)))
    };
    let some = |first: &str, last: &str| Some((first.to_owned(), last.to_owned()));
    // The 19th is a Monday.
    assert_eq!(left("19T07:00", "19T20:00", 60), some("08:30", "17:00"));
    assert_eq!(left("19T09:30", "19T11:00", 60), some("09:30", "11:00"));
    assert_eq!(left("19T17:30", "19T20:00", 60), None);
    assert_eq!(left("24T07:00", "24T23:30", 30), some("10:00", "23:30"));
    assert_eq!(left("25T07:00", "25T20:00", 60), None);
}
