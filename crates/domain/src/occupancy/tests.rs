use super::*;
use crate::{
    ClosureId,
    location::{self, LocationEvent},
    testing::{MITTE, NIGHT, NIGHT_ROOM, PIER, PIER_ROOM, ROOM, ROOM_TYPE, at, chain, date, id, record, when},
};
use jiff::ToSpan;
use proptest::prelude::*;

fn days(first: &str, last: &str) -> Days {
    Days {
        start: date(first),
        end: date(last).tomorrow().unwrap(),
    }
}

fn all_of(days: Days) -> Wanted {
    Wanted {
        days,
        location_id: None,
        resource_type_id: None,
    }
}

fn at_place(place: LocationId, first: &str, last: &str) -> Wanted {
    Wanted {
        location_id: Some(place),
        ..all_of(days(first, last))
    }
}

fn booked(resource_id: ResourceId, start: &str, end: &str) -> Booked {
    Booked {
        resource_id,
        starts_at: at(start),
        ends_at: at(end),
    }
}

/// Hour by hour of the clock, `booked/open`, where anything is open.
fn told(occupancy: &Occupancy) -> String {
    let hours = occupancy.by(|hour| (hour.weekday, hour.hour));
    let cells = hours
        .iter()
        .map(|((day, hour), minutes)| format!("{day} {hour:02} {}/{}", minutes.booked, minutes.open));
    cells.collect::<Vec<_>>().join("\n")
}

#[test]
fn a_booking_is_counted_in_the_hours_that_it_touches() {
    // A Saturday in winter: Berlin is an hour ahead.
    let bookings = [
        booked(ROOM, "2026-01-24T08:30:00Z", "2026-01-24T10:15:00Z"),
        // Of another house, and of the day before.
        booked(NIGHT_ROOM, "2026-01-24T08:30:00Z", "2026-01-24T10:15:00Z"),
        booked(ROOM, "2026-01-23T08:30:00Z", "2026-01-23T10:15:00Z"),
    ];
    let measured = measure(at_place(MITTE, "2026-01-24", "2026-01-24"), &bookings, &chain()).unwrap();
    insta::assert_snapshot!(told(&measured), @r"
    6 09 30/60
    6 10 60/60
    6 11 15/60
    6 12 0/60
    6 13 0/60
    6 14 0/60
    6 15 0/60
    6 16 0/60
    6 17 0/60
    ");
    assert_eq!(measured.total(), Minutes { booked: 105, open: 540 });
    assert_eq!(measured.booked_while_closed, 0);
}

/// Rule 2's nights: 29 March has no two o'clock, 25 October has it twice.
#[test]
fn hours_that_do_not_exist_are_not_open_and_doubled_ones_count_twice() {
    let spring = booked(NIGHT_ROOM, "2026-03-29T00:30:00Z", "2026-03-29T02:00:00Z");
    let measured = measure(at_place(NIGHT, "2026-03-29", "2026-03-29"), &[spring], &chain()).unwrap();
    assert_eq!(
        measured.total(),
        Minutes {
            booked: 90,
            open: 23 * 60
        }
    );
    let hours = measured.by(|hour| hour.hour);
    assert!(!hours.contains_key(&2), "{hours:?}");
    assert_eq!((hours[&1].booked, hours[&3].booked), (30, 60));

    let autumn = booked(NIGHT_ROOM, "2026-10-25T00:00:00Z", "2026-10-25T02:00:00Z");
    let measured = measure(at_place(NIGHT, "2026-10-25", "2026-10-25"), &[autumn], &chain()).unwrap();
    assert_eq!(
        measured.total(),
        Minutes {
            booked: 120,
            open: 25 * 60
        }
    );
    assert_eq!(
        measured.by(|hour| hour.hour)[&2],
        Minutes { booked: 120, open: 120 },
        "both of them"
    );
    // New York changes on other nights, and each house counts by its own clock.
    let pier = measure(at_place(PIER, "2026-11-01", "2026-11-01"), &[], &chain()).unwrap();
    assert_eq!(pier.by(|hour| hour.hour)[&1].open, 120);
}

#[test]
fn what_is_booked_on_a_closed_day_is_told_apart() {
    let mut all = chain();
    let day = date("2026-01-24");
    let closure = location::close(ClosureId(id(0xf0)), MITTE, (day, day), "Burst pipe", None, &all).unwrap();
    record::<LocationEvent>(&mut all, closure);
    let booking = [booked(ROOM, "2026-01-24T09:00:00Z", "2026-01-24T10:00:00Z")];
    let measured = measure(at_place(MITTE, "2026-01-24", "2026-01-24"), &booking, &all).unwrap();
    assert!(measured.hours.is_empty(), "{measured:?}");
    assert_eq!(measured.booked_while_closed, 60);
    assert_eq!(measured.total().percent(), None);
}

#[test]
fn days_are_a_month_a_range_or_the_month_that_is_over() {
    let today = date("2026-03-31");
    let chosen = |month, first: Option<&str>, last: Option<&str>| {
        when(chosen_days(month, first.map(date), last.map(date), today))
    };
    chosen("", None, None).then(&days("2026-02-01", "2026-02-28"));
    chosen("2024-02", None, None).then(&days("2024-02-01", "2024-02-29"));
    chosen("", Some("2026-01-05"), Some("2026-01-05")).then(&days("2026-01-05", "2026-01-05"));
    chosen("", Some("2026-01-05"), None).then_refused("one_day_alone");
    chosen("", Some("2026-01-05"), Some("2026-01-04")).then_refused("days_reversed");
    chosen("", Some("2025-01-01"), Some("2026-01-02")).then_refused("too_many_days");
    chosen("2026-1", None, None).then_refused("no_month");
    chosen("2026-01", Some("2026-01-05"), Some("2026-01-05")).then_refused("month_and_days");
    assert_eq!(last_month(date("2026-01-01")), days("2025-12-01", "2025-12-31"));
}

#[test]
fn what_does_not_exist_is_refused() {
    let wanted = all_of(days("2026-01-01", "2026-01-31"));
    let nowhere = Wanted {
        location_id: Some(LocationId(id(9))),
        ..wanted
    };
    when(measure(nowhere, &[], &chain())).then_refused("unknown_location");
    let nothing = Wanted {
        resource_type_id: Some(ResourceTypeId(id(9))),
        ..wanted
    };
    when(measure(nothing, &[], &chain())).then_refused("unknown_resource_type");
}

#[test]
fn percent_is_rounded_half_up() {
    let percent = |booked, open| Minutes { booked, open }.percent();
    assert_eq!(percent(1, 200), Some(1));
    assert_eq!(percent(1, 201), Some(0));
    assert_eq!(percent(60, 60), Some(100));
    assert_eq!(percent(0, 0), None);
}

/// Starts in the weeks around both clock changes of 2026, in minutes.
fn any_booking() -> impl Strategy<Value = Booked> {
    let rooms = prop_oneof![Just(ROOM), Just(NIGHT_ROOM), Just(PIER_ROOM)];
    let weeks = prop_oneof![Just("2026-03-25T00:00:00Z"), Just("2026-10-21T00:00:00Z")];
    (rooms, weeks, 0i64..20_000, 1i64..1_440).prop_map(|(resource_id, week, start, minutes)| {
        let starts_at = at(week).checked_add(start.minutes()).unwrap();
        Booked {
            resource_id,
            starts_at,
            ends_at: starts_at.checked_add(minutes.minutes()).unwrap(),
        }
    })
}

/// Minute by minute, by the question that booking itself asks: the other way to the same figure.
fn open_minutes_of(booking: &Booked, days: Days, all: &Catalogue) -> (i64, i64) {
    let place = all.resources[&booking.resource_id].location_id;
    let zone = all.zone_of(place).unwrap();
    let (mut open, mut closed) = (0, 0);
    let mut minute = booking.starts_at;
    while minute < booking.ends_at {
        let wall = zone.to_datetime(minute);
        if days.contains(wall.date()) {
            let is_open = all
                .check_open(place, wall, wall.checked_add(1.minute()).unwrap())
                .is_ok();
            *(if is_open { &mut open } else { &mut closed }) += 1;
        }
        minute = minute.checked_add(1.minute()).unwrap();
    }
    (open, closed)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn cells_sum_to_what_is_booked_inside_open_hours(
        bookings in prop::collection::vec(any_booking(), 0..6),
        first in 0i64..12,
        length in 0i64..6,
        autumn in any::<bool>(),
    ) {
        let mut all = chain();
        let closed = date("2026-03-30");
        let closure = location::close(ClosureId(id(0xf0)), MITTE, (closed, closed), "Stocktaking", None, &all).unwrap();
        record::<LocationEvent>(&mut all, closure);
        let start = date(if autumn { "2026-10-21" } else { "2026-03-25" }).checked_add(first.days()).unwrap();
        let days = Days { start, end: start.checked_add((length + 1).days()).unwrap() };
        let measured = measure(all_of(days), &bookings, &all).unwrap();
        let expected = bookings.iter().map(|booking| open_minutes_of(booking, days, &all));
        let (open, while_closed) = expected.fold((0, 0), |sum, one| (sum.0 + one.0, sum.1 + one.1));
        let cells: i64 = measured.hours.values().map(|minutes| minutes.booked).sum();
        prop_assert_eq!(cells, open);
        prop_assert_eq!(measured.booked_while_closed, while_closed);
        // However they are summed, the sums are those of the cells.
        let by_type: i64 = measured.by(|hour| hour.resource_type_id).values().map(|minutes| minutes.open).sum();
        prop_assert_eq!(measured.by(|hour| hour.resource_type_id).len() <= 1, true);
        prop_assert_eq!(by_type, measured.total().open);
        prop_assert!(measured.hours.keys().all(|hour| hour.resource_type_id == ROOM_TYPE));
    }
}
