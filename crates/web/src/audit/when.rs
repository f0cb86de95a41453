//! Instants as an auditor reads them: to the second, in a zone that is named.

use jiff::{SignedDuration, Timestamp, tz::TimeZone};

/// Apart by more than this, wall time is told beside the organization's clock: a request may wait a moment before it is
/// written down.
const APART: SignedDuration = SignedDuration::from_secs(5);

/// `20 Jan 2026, 10:00:00 CET`
pub(crate) fn exact(at: Timestamp, zone: &TimeZone) -> String {
    at.to_zoned(zone.clone()).strftime("%-d %b %Y, %H:%M:%S %Z").to_string()
}

/// `20 Jan 2026, 10:00:00 CET (Europe/Berlin)`; UTC says enough by itself.
pub(crate) fn named(at: Timestamp, zone: &TimeZone) -> String {
    let at = exact(at, zone);
    match zone.iana_name() {
        Some(name) if *zone != TimeZone::UTC => format!("{at} ({name})"),
        _ => at,
    }
}

/// Whether the organization's clock and wall time told different times.
pub(crate) fn differs(occurred_at: Timestamp, recorded_at: Timestamp) -> bool {
    recorded_at.duration_since(occurred_at).abs() > APART
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn seconds_and_zones_are_told() {
        let berlin = TimeZone::get("Europe/Berlin").unwrap();
        let at: Timestamp = "2026-07-01T22:30:05Z".parse().unwrap();
        assert_eq!(named(at, &berlin), "2 Jul 2026, 00:30:05 CEST (Europe/Berlin)");
        assert_eq!(named(at, &TimeZone::UTC), "1 Jul 2026, 22:30:05 UTC");
        assert!(!differs(at, at + SignedDuration::from_secs(2)));
        assert!(differs(at, at - SignedDuration::from_hours(2)));
    }
}
