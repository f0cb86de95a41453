//! Days and times as people read them, in the zone of the location, which is named.

use coterie_domain::period::Days;
use jiff::{Timestamp, civil::Date, tz::TimeZone};

/// `Tue 20 January 2026`
pub(super) fn day(date: Date) -> String {
    date.strftime("%a %-d %B %Y").to_string()
}

/// `20 January 2026`
pub(super) fn date(date: Date) -> String {
    date.strftime("%-d %B %Y").to_string()
}

/// `20 January 2026 to 31 January 2026`: first and last day.
pub(super) fn days(days: Days) -> String {
    format!("{} to {}", date(days.start), date(days.last()))
}

/// `10:00`; in an hour that the clocks run through twice the zone's abbreviation says which one it is.
pub(super) fn clock(instant: Timestamp, zone: &TimeZone) -> String {
    let local = instant.to_zoned(zone.clone());
    let doubled = zone.to_ambiguous_timestamp(local.datetime()).is_ambiguous();
    local.strftime(if doubled { "%H:%M %Z" } else { "%H:%M" }).to_string()
}

/// `Tue 20 January 2026, 10:00–12:00`
pub(super) fn span(start: Timestamp, end: Timestamp, zone: &TimeZone) -> String {
    let first = start.to_zoned(zone.clone()).date();
    format!("{}, {}–{}", day(first), clock(start, zone), clock(end, zone))
}

/// A zone's name: `Europe/Berlin`.
pub(super) fn zone_name(zone: &TimeZone) -> String {
    zone.iana_name().unwrap_or("UTC").replace('_', " ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_doubled_hour_says_which() {
        let zone = TimeZone::get("Europe/Berlin").unwrap();
        let at = |text: &str| text.parse::<Timestamp>().unwrap();
        assert_eq!(
            span(at("2026-01-20T09:00:00Z"), at("2026-01-20T11:00:00Z"), &zone),
            "Tue 20 January 2026, 10:00–12:00"
        );
        assert_eq!(
            span(at("2026-10-25T00:30:00Z"), at("2026-10-25T01:30:00Z"), &zone),
            "Sun 25 October 2026, 02:30 CEST–02:30 CET"
        );
        assert_eq!(zone_name(&zone), "Europe/Berlin");
    }
}
