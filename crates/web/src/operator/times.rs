//! Days and times as people read them.

use jiff::{Timestamp, civil::Date, tz::TimeZone};

/// `Tue 20 Jan 2026`
pub(super) fn day(date: Date) -> String {
    date.strftime("%a %-d %b %Y").to_string()
}

/// `20 Jan 2026, 09:00`
pub(super) fn moment(at: Timestamp, zone: &TimeZone) -> String {
    at.to_zoned(zone.clone()).strftime("%-d %b %Y, %H:%M").to_string()
}

/// `09:00–11:00`; an end on another day names it.
pub(super) fn span(start: Timestamp, end: Timestamp, zone: &TimeZone) -> String {
    let (start, end) = (start.to_zoned(zone.clone()), end.to_zoned(zone.clone()));
    let end_format = if start.date() == end.date() {
        "%H:%M"
    } else {
        "%H:%M (%-d %b)"
    };
    format!("{}–{}", start.strftime("%H:%M"), end.strftime(end_format))
}

/// `2 h`, `30 min`, `1 h 30 min`
pub(super) fn minutes(minutes: i64) -> String {
    match (minutes / 60, minutes % 60) {
        (0, rest) => format!("{rest} min"),
        (hours, 0) => format!("{hours} h"),
        (hours, rest) => format!("{hours} h {rest} min"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_end_on_another_day_names_it() {
        let berlin = TimeZone::get("Europe/Berlin").unwrap();
        let at = |text: &str| text.parse::<Timestamp>().unwrap();
        assert_eq!(
            span(at("2026-01-20T08:00:00Z"), at("2026-01-20T10:30:00Z"), &berlin),
            "09:00–11:30"
        );
        assert_eq!(
            span(at("2026-01-20T21:00:00Z"), at("2026-01-20T23:00:00Z"), &berlin),
            "22:00–00:00 (21 Jan)"
        );
        assert_eq!(
            [minutes(30), minutes(120), minutes(90)],
            ["30 min", "2 h", "1 h 30 min"]
        );
    }
}
