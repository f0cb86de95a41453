//! The moment that a history is asked for: a position of the log, a wall time in the thing's zone, or an instant.

use coterie_app::log::history::AsOf;
use jiff::{
    Timestamp,
    civil::{Date, DateTime},
    tz::TimeZone,
};

use crate::failure::{Failure, FieldError};

/// Reads `31`, `2026-02-01T09:00`, `2026-02-01 09:00:30`, `2026-02-01` (to the end of that day) or an instant with its
/// offset; nothing is now. Wall times are in this zone; of a doubled hour the earlier is meant, of one that does not
/// exist the time after it.
pub(super) fn read(text: &str, zone: &TimeZone) -> Result<AsOf, Failure> {
    let text = text.trim();
    if text.is_empty() {
        return Ok(AsOf::Now);
    }
    if text.bytes().all(|byte| byte.is_ascii_digit()) {
        return text.parse().map(AsOf::Position).map_err(|_| unreadable());
    }
    if let Ok(at) = text.parse::<Timestamp>() {
        return Ok(AsOf::Time(at));
    }
    if let Some(day) = text.parse::<Date>().ok().filter(|_| text.len() == 10) {
        let next = day.tomorrow().and_then(|next| next.to_zoned(zone.clone()));
        let end = next.map(|next| next.timestamp() - jiff::SignedDuration::from_micros(1));
        return end.map(AsOf::Time).map_err(|_| unreadable());
    }
    let wall: DateTime = text.parse().map_err(|_| unreadable())?;
    let at = wall.to_zoned(zone.clone()).map_err(|_| unreadable())?;
    Ok(AsOf::Time(at.timestamp()))
}

fn unreadable() -> Failure {
    Failure::invalid(vec![FieldError::new(
        "as_of",
        "Write a position of the log such as 31, or a time such as 2026-02-01 09:00.",
    )])
}

/// Whether a wall time is asked for, so that the thing's zone has to be known first.
pub(super) fn needs_zone(text: &str) -> bool {
    let text = text.trim();
    !text.is_empty() && !text.bytes().all(|byte| byte.is_ascii_digit()) && text.parse::<Timestamp>().is_err()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_are_read_in_the_zone_of_the_thing() {
        let berlin = TimeZone::get("Europe/Berlin").unwrap();
        let time = |text: &str| match read(text, &berlin) {
            Ok(AsOf::Time(at)) => at.to_string(),
            other => format!("{other:?}"),
        };
        assert_eq!(read("", &berlin).unwrap(), AsOf::Now);
        assert_eq!(read(" 31 ", &berlin).unwrap(), AsOf::Position(31));
        assert_eq!(time("2026-02-01T09:00"), "2026-02-01T08:00:00Z");
        assert_eq!(time("2026-07-01 09:00:30"), "2026-07-01T07:00:30Z");
        assert_eq!(time("2026-02-01T09:00:00Z"), "2026-02-01T09:00:00Z");
        assert_eq!(time("2026-02-01T09:00+05:00"), "2026-02-01T04:00:00Z");
        assert_eq!(time("2026-02-01"), "2026-02-01T22:59:59.999999Z");
        // The doubled hour of autumn is taken at its first passing, the missing one of spring after it.
        assert_eq!(time("2026-10-25T02:30"), "2026-10-25T00:30:00Z");
        assert_eq!(time("2026-03-29T02:30"), "2026-03-29T01:30:00Z");
        for wrong in [
            "tomorrow",
            "2026-13-01",
            "99999999999999999999",
            "-1",
            "2026-02-01T25:00",
        ] {
            let refused = read(wrong, &berlin).unwrap_err();
            assert_eq!(refused.fields[0].field, "as_of", "{wrong}");
        }
    }
}
