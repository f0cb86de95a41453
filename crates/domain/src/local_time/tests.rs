use super::*;
use crate::testing::{at, date, wall};
use proptest::prelude::*;

fn tz(name: &str) -> TimeZone {
    zone(name).unwrap()
}

/// Rule 2's figure.
#[test]
fn a_wall_time_that_does_not_exist_is_refused_with_the_next_valid_one() {
    for minute in ["02:00", "02:01", "02:30", "02:59"] {
        let skipped = wall(&format!("2026-03-29T{minute}"));
        let refusal = instant("starts_at", skipped, &tz("Europe/Berlin")).unwrap_err();
        assert_eq!(refusal.code, "wall_time_does_not_exist");
        assert_eq!(refusal.extra["next_valid"], "2026-03-29T03:00");
        assert_eq!(refusal.fields[0].field, "starts_at");
        assert_eq!(
            refusal.sentence,
            format!(
                "{minute} on 29 March 2026 does not exist in Europe/Berlin: the clocks go forward. The next valid time is 03:00."
            )
        );
    }
}

/// Zone, a skipped wall time, and the first one that exists after it.
#[test]
fn gaps_of_every_kind_name_their_end() {
    for (name, skipped, next) in [
        ("Europe/Berlin", "2026-03-29T02:30", "2026-03-29T03:00"),
        ("America/New_York", "2026-03-08T02:00", "2026-03-08T03:00"),
        ("America/New_York", "2026-03-08T02:45", "2026-03-08T03:00"),
        ("Australia/Lord_Howe", "2026-10-04T02:00", "2026-10-04T02:30"),
        ("Australia/Lord_Howe", "2026-10-04T02:29", "2026-10-04T02:30"),
        ("Pacific/Apia", "2011-12-30T00:00", "2011-12-31T00:00"),
        ("Pacific/Apia", "2011-12-30T12:00", "2011-12-31T00:00"),
        ("Pacific/Apia", "2011-12-30T23:59", "2011-12-31T00:00"),
        ("Africa/Casablanca", "2026-03-22T02:30", "2026-03-22T03:00"),
        ("America/Sao_Paulo", "2018-11-04T00:00", "2018-11-04T01:00"),
        ("America/Toronto", "1919-03-31T00:00", "1919-03-31T00:30"),
    ] {
        let refusal = instant("starts_at", wall(skipped), &tz(name)).unwrap_err();
        assert_eq!(refusal.extra["next_valid"], next, "{name} {skipped}");
        // What is named does exist, and nothing before it does.
        let valid = instant("starts_at", wall(next), &tz(name)).unwrap();
        let before = tz(name).to_datetime(valid.checked_sub(1.second()).unwrap());
        assert!(before < wall(skipped), "{name}: {before} exists");
    }
    let apia = instant("starts_at", wall("2011-12-30T12:00"), &tz("Pacific/Apia")).unwrap_err();
    assert!(
        apia.sentence
            .ends_with("The next valid time is 00:00 on 31 December 2011."),
        "{}",
        apia.sentence
    );
}

/// Zone, a doubled wall time, and its earlier instant.
#[test]
fn a_doubled_hour_is_the_earlier() {
    for (name, doubled, earlier) in [
        ("Europe/Berlin", "2026-10-25T02:00", "2026-10-25T00:00Z"),
        ("Europe/Berlin", "2026-10-25T02:59", "2026-10-25T00:59Z"),
        ("America/New_York", "2026-11-01T01:30", "2026-11-01T05:30Z"),
        ("Australia/Lord_Howe", "2026-04-05T01:45", "2026-04-04T14:45Z"),
        ("Pacific/Apia", "2011-04-02T03:30", "2011-04-02T13:30Z"),
        ("Africa/Casablanca", "2026-02-15T02:30", "2026-02-15T01:30Z"),
    ] {
        assert_eq!(
            instant("starts_at", wall(doubled), &tz(name)).unwrap(),
            at(earlier),
            "{name} {doubled}"
        );
    }
}

#[test]
fn one_to_four_in_berlin_lasts_what_the_clocks_say() {
    for (day, hours) in [("2026-03-29", 2), ("2026-10-25", 4), ("2026-06-01", 3)] {
        let berlin = tz("Europe/Berlin");
        let [from, to] = ["01:00", "04:00"].map(|time| instant("at", wall(&format!("{day}T{time}")), &berlin).unwrap());
        assert_eq!(to.duration_since(from).as_hours(), hours, "{day}");
    }
}

#[test]
fn a_day_begins_at_its_first_instant() {
    for (name, day, begins) in [
        ("Europe/Berlin", "2026-03-29", "2026-03-28T23:00Z"),
        ("America/Sao_Paulo", "2018-11-04", "2018-11-04T03:00Z"),
        ("America/Havana", "2026-11-01", "2026-11-01T04:00Z"),
        ("Pacific/Apia", "2011-12-30", "2011-12-30T10:00Z"),
        ("Pacific/Apia", "2011-12-31", "2011-12-30T10:00Z"),
        ("America/Toronto", "1919-03-31", "1919-03-31T04:30Z"),
    ] {
        assert_eq!(day_start(date(day), &tz(name)).unwrap(), at(begins), "{name} {day}");
    }
}

#[test]
fn only_database_names_are_zones() {
    assert!(zone(" Europe/Berlin ").is_ok());
    for name in [
        "",
        "Berlin",
        "Mars/Olympus",
        "EST5EDT,M3.2.0,M11.1.0",
        "+02:00",
        "../../etc/passwd",
    ] {
        assert_eq!(zone(name).unwrap_err().code, "unknown_time_zone", "{name}");
    }
}

#[test]
fn opening_hours_are_written_as_they_are_read() {
    for text in [
        "Mon-Fri 08:00-20:00; Sat 09:00-18:00",
        "Mon-Sun 00:00-24:00",
        "Mon 08:00-12:00; Wed 08:00-12:00; Sun 10:00-11:00",
        "Sat-Sun 10:00-24:00",
    ] {
        assert_eq!(OpeningHours::parse(text).unwrap().to_string(), text);
    }
    assert_eq!(
        OpeningHours::parse(" mon 8:00 - 20:00, TUE 08:00-20:00 ;")
            .unwrap()
            .to_string(),
        "Mon-Tue 08:00-20:00"
    );
}

#[test]
fn opening_hours_that_cannot_be_meant_are_refused() {
    for text in [
        "",
        ";",
        "Mon",
        "Mon 08:00",
        "Mon 08:00-",
        "Mon 25:00-26:00",
        "Fri-Mon 08:00-20:00",
        "Mon 20:00-08:00",
        "Mon 08:00-08:00",
        "Mon 24:00-10:00",
        "Montag 08:00-20:00",
        "Mon 08:00-20:00; Mon 21:00-22:00",
        "Mon-Fri 08:00-20:00; Wed 10:00-12:00",
        "08:00-20:00",
        "Mon 08:00-20:00:30",
    ] {
        assert!(OpeningHours::parse(text).is_err(), "{text}");
    }
}

#[test]
fn hours_cover_what_lies_inside_one_day() {
    let hours = OpeningHours::parse("Mon-Fri 08:00-20:00; Sat 18:00-24:00").unwrap();
    for (start, end, covered) in [
        ("2026-01-05T08:00", "2026-01-05T20:00", true),
        ("2026-01-05T07:59", "2026-01-05T09:00", false),
        ("2026-01-05T19:00", "2026-01-05T20:01", false),
        ("2026-01-05T19:00", "2026-01-06T09:00", false),
        ("2026-01-10T20:00", "2026-01-11T00:00", true),
        ("2026-01-10T20:00", "2026-01-11T00:30", false),
        ("2026-01-11T10:00", "2026-01-11T11:00", false),
    ] {
        assert_eq!(hours.cover(wall(start), wall(end)), covered, "{start} to {end}");
    }
}

fn any_hours() -> impl Strategy<Value = Option<Hours>> {
    prop::option::of((0i16..1440, 0i16..1440).prop_map(|(one, other)| {
        let at = |minute: i16| Time::midnight() + jiff::Span::new().minutes(minute);
        // Two alike are hours until midnight.
        let to = if one == other { 0 } else { one.max(other) };
        Hours {
            from: at(one.min(other)),
            to: at(to),
        }
    }))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(crate::testing::cases(500)))]

    #[test]
    fn any_week_round_trips(week in prop::array::uniform7(any_hours())) {
        let week = OpeningHours(week);
        if week != OpeningHours::default() {
            prop_assert_eq!(OpeningHours::parse(&week.to_string()), Ok(week));
        }
    }

    #[test]
    fn nothing_typed_makes_a_panic(text in "[MonFriSat0-9:; ,-]{0,40}") {
        let _ = OpeningHours::parse(&text);
    }

    /// A wall time is either refused or reads back as itself, and is the earliest instant that does.
    #[test]
    fn a_wall_time_reads_back(minutes in 0i64..525_600, name in prop::sample::select(vec![
        "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Africa/Casablanca", "Asia/Kathmandu",
    ])) {
        let zone = tz(name);
        let wall = wall("2026-01-01T00:00").checked_add(minutes.minutes()).unwrap();
        match instant("starts_at", wall, &zone) {
            Ok(instant) => {
                prop_assert_eq!(zone.to_datetime(instant), wall);
                for earlier in [30, 60, 120] {
                    prop_assert_ne!(zone.to_datetime(instant.checked_sub(earlier.minutes()).unwrap()), wall);
                }
            }
            Err(refusal) => prop_assert_eq!(refusal.code, "wall_time_does_not_exist"),
        }
    }
}
