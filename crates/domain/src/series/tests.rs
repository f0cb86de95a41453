use super::*;
use crate::{local_time, testing::when};
use jiff::{civil::DateTime, tz::TimeZone};

fn zone(name: &str) -> TimeZone {
    local_time::zone(name).unwrap()
}

fn times(rule: &str, start: &str, zone_name: &str) -> Vec<String> {
    let start: DateTime = start.parse().unwrap();
    let all = occurrences(rule, start, &zone(zone_name)).unwrap();
    all.iter().map(|at| at.strftime("%Y-%m-%dT%H:%M").to_string()).collect()
}

/// What each time of a rule is in a zone: its offset from UTC, or when it would be where the clocks leave it out.
fn instants(rule: &str, start: &str, zone_name: &str) -> Vec<String> {
    let zone = zone(zone_name);
    occurrences(rule, start.parse().unwrap(), &zone)
        .unwrap()
        .into_iter()
        .map(|wall| match local_time::instant("starts_at", wall, &zone) {
            Ok(instant) => {
                let offset = zone.to_offset(instant);
                assert_eq!(zone.to_datetime(instant), wall, "the wall time is kept");
                format!("{} {offset}", wall.strftime("%m-%d %H:%M"))
            }
            Err(refusal) => format!(
                "{} not, but {}",
                wall.strftime("%m-%d %H:%M"),
                refusal.extra["next_valid"].as_str().unwrap()
            ),
        })
        .collect()
}

#[test]
fn a_rule_says_its_times() {
    assert_eq!(
        times(
            "FREQ=WEEKLY;INTERVAL=2;BYDAY=TU,TH;COUNT=4",
            "2026-01-20T10:00",
            "Europe/Berlin"
        ),
        [
            "2026-01-20T10:00",
            "2026-01-22T10:00",
            "2026-02-03T10:00",
            "2026-02-05T10:00"
        ]
    );
    // The 31st comes where there is one.
    assert_eq!(
        times("RRULE:freq=monthly;count=3", "2026-01-31T10:00", "Europe/Berlin"),
        ["2026-01-31T10:00", "2026-03-31T10:00", "2026-05-31T10:00"]
    );
}

#[test]
fn until_is_a_day_a_wall_time_or_an_instant() {
    let until = |until: &str| {
        times(
            &format!("FREQ=DAILY;UNTIL={until}"),
            "2026-01-20T23:30",
            "Europe/Berlin",
        )
        .len()
    };
    assert_eq!(until("20260122"), 3, "the day itself is in it");
    assert_eq!(until("20260122T233000"), 3);
    assert_eq!(until("20260122T232959"), 2);
    assert_eq!(until("20260122T223000Z"), 3, "23:30 in Berlin");
    assert_eq!(until("20260122T222959Z"), 2);
}

#[test]
fn what_is_no_rule_is_told_what_one_looks_like() {
    let start: DateTime = "2026-01-20T10:00".parse().unwrap();
    for rule in [
        "",
        "every week",
        "FREQ=WEEKLY",
        "FREQ=HOURLY;COUNT=3",
        "FREQ=DAILY;BYHOUR=9,10;COUNT=3",
        "FREQ=DAILY;COUNT=105",
        "FREQ=DAILY;UNTIL=tomorrow",
        "FREQ=DAILY;COUNT=x",
    ] {
        when(occurrences(rule, start, &zone("Europe/Berlin"))).then_refused("faulty_rule");
    }
}

/// Rule 2 in five zones: the wall time is kept across every clock change, and one that does not exist is named.
#[test]
fn wall_times_are_kept_across_clock_changes() {
    for (zone, rule, start, expected) in [
        (
            "Europe/Berlin",
            "FREQ=WEEKLY;COUNT=3",
            "2026-03-22T10:00",
            &["03-22 10:00 +01", "03-29 10:00 +02", "04-05 10:00 +02"][..],
        ),
        (
            "Europe/Berlin",
            "FREQ=DAILY;COUNT=3",
            "2026-03-28T02:30",
            &[
                "03-28 02:30 +01",
                "03-29 02:30 not, but 2026-03-29T03:00",
                "03-30 02:30 +02",
            ],
        ),
        // A doubled time is the earlier.
        (
            "Europe/Berlin",
            "FREQ=DAILY;COUNT=3",
            "2026-10-24T02:30",
            &["10-24 02:30 +02", "10-25 02:30 +02", "10-26 02:30 +01"],
        ),
        (
            "America/New_York",
            "FREQ=DAILY;COUNT=3",
            "2026-03-07T02:15",
            &[
                "03-07 02:15 -05",
                "03-08 02:15 not, but 2026-03-08T03:00",
                "03-09 02:15 -04",
            ],
        ),
        (
            "America/New_York",
            "FREQ=WEEKLY;COUNT=2",
            "2026-10-31T01:30",
            &["10-31 01:30 -04", "11-07 01:30 -05"],
        ),
        // Half an hour only.
        (
            "Australia/Lord_Howe",
            "FREQ=DAILY;COUNT=3",
            "2026-10-03T02:15",
            &[
                "10-03 02:15 +10:30",
                "10-04 02:15 not, but 2026-10-04T02:30",
                "10-05 02:15 +11",
            ],
        ),
        (
            "Australia/Lord_Howe",
            "FREQ=DAILY;COUNT=3",
            "2026-04-04T01:45",
            &["04-04 01:45 +11", "04-05 01:45 +11", "04-06 01:45 +10:30"],
        ),
        // 30 December 2011 was left out.
        (
            "Pacific/Apia",
            "FREQ=DAILY;COUNT=3",
            "2011-12-29T10:00",
            &[
                "12-29 10:00 -10",
                "12-30 10:00 not, but 2011-12-31T00:00",
                "12-31 10:00 +14",
            ],
        ),
        // The clocks go back for Ramadan, and forward after it.
        (
            "Africa/Casablanca",
            "FREQ=WEEKLY;COUNT=2",
            "2026-02-14T10:00",
            &["02-14 10:00 +01", "02-21 10:00 +00"],
        ),
        (
            "Africa/Casablanca",
            "FREQ=DAILY;COUNT=3",
            "2026-03-21T02:30",
            &[
                "03-21 02:30 +00",
                "03-22 02:30 not, but 2026-03-22T03:00",
                "03-23 02:30 +01",
            ],
        ),
    ] {
        assert_eq!(instants(rule, start, zone), expected, "{zone}: {rule} from {start}");
    }
}
