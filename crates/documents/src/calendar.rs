//! Bookings as an iCalendar file (RFC 5545), for calendars that subscribe to it. Times are in UTC, so no zone has to be
//! described; a calendar shows them in its own.
//!
//! There is no METHOD, so DTSTAMP says when an entry was last revised: it comes with the entry and from no clock.

use coterie_domain::BookingId;
use icalendar::{Calendar, Component as _, Event, EventLike as _, EventStatus, Property};
use jiff::{Timestamp, tz::TimeZone};

const PRODUCT: &str = "-//Coterie//Bookings//EN";
/// How often a calendar may ask again; those that do not know the property ask when they like.
const REFRESH: &str = "PT15M";

/// A calendar and what stands in it.
#[derive(Debug, Clone, PartialEq)]
pub struct Feed<'a> {
    pub name: &'a str,
    pub entries: Vec<Entry<'a>>,
}

/// One booking.
#[derive(Debug, Clone, PartialEq)]
pub struct Entry<'a> {
    /// Its name in every calendar, for good.
    pub booking_id: BookingId,
    pub summary: &'a str,
    /// House and address.
    pub location: &'a str,
    pub starts_at: Timestamp,
    pub ends_at: Timestamp,
    pub cancelled: bool,
    /// Greater after each change.
    pub sequence: u32,
    pub made_at: Timestamp,
    pub changed_at: Timestamp,
}

/// Somebody who is asked to come, and by whom.
#[derive(Debug, Clone, PartialEq)]
pub struct Invitation<'a> {
    pub entry: Entry<'a>,
    pub organizer_name: &'a str,
    pub organizer_email: &'a str,
    pub guest_name: &'a str,
    pub guest_email: &'a str,
}

/// A message to one guest's calendar (RFC 5546): REQUEST, or CANCEL where the entry is cancelled.
pub fn invitation(invitation: &Invitation<'_>) -> String {
    let method = if invitation.entry.cancelled {
        "CANCEL"
    } else {
        "REQUEST"
    };
    let mut calendar = Calendar::empty();
    calendar
        .append_property(Property::new("VERSION", "2.0"))
        .append_property(Property::new("PRODID", PRODUCT))
        .append_property(Property::new("CALSCALE", "GREGORIAN"))
        .append_property(Property::new("METHOD", method));
    let mut event = event(&invitation.entry);
    let address = |email: &str| format!("mailto:{}", plain(email));
    event.append_property(
        Property::new("ORGANIZER", address(invitation.organizer_email))
            .add_parameter("CN", &quoted(invitation.organizer_name))
            .done(),
    );
    event.append_property(
        Property::new("ATTENDEE", address(invitation.guest_email))
            .add_parameter("CN", &quoted(invitation.guest_name))
            .add_parameter("ROLE", "REQ-PARTICIPANT")
            .add_parameter("PARTSTAT", "NEEDS-ACTION")
            .add_parameter("RSVP", "FALSE")
            .done(),
    );
    calendar.push(event);
    calendar.to_string()
}

/// A parameter's value between quotes, in which there can be none.
fn quoted(text: &str) -> String {
    format!("\"{}\"", plain(text).replace(['"', '\n'], " "))
}

/// The file; the same feed gives the same bytes.
pub fn write(feed: &Feed<'_>) -> String {
    let mut calendar = Calendar::empty();
    calendar
        .append_property(Property::new("VERSION", "2.0"))
        .append_property(Property::new("PRODID", PRODUCT))
        .append_property(Property::new("CALSCALE", "GREGORIAN"))
        .append_property(Property::new("NAME", escaped(feed.name)))
        .append_property(Property::new("X-WR-CALNAME", plain(feed.name)))
        .append_property(
            Property::new("REFRESH-INTERVAL", REFRESH)
                .add_parameter("VALUE", "DURATION")
                .done(),
        )
        .append_property(Property::new("X-PUBLISHED-TTL", REFRESH));
    for entry in &feed.entries {
        calendar.push(event(entry));
    }
    calendar.to_string()
}

fn event(entry: &Entry<'_>) -> Event {
    let status = if entry.cancelled {
        EventStatus::Cancelled
    } else {
        EventStatus::Confirmed
    };
    Event::new()
        .uid(&entry.booking_id.to_string())
        .summary(&plain(entry.summary))
        .location(&plain(entry.location))
        .status(status)
        .sequence(entry.sequence)
        .add_property("DTSTAMP", utc(entry.changed_at))
        .add_property("LAST-MODIFIED", utc(entry.changed_at))
        .add_property("CREATED", utc(entry.made_at))
        .add_property("DTSTART", utc(entry.starts_at))
        .add_property("DTEND", utc(entry.ends_at))
        // What was cancelled takes nobody's time.
        .add_property("TRANSP", if entry.cancelled { "TRANSPARENT" } else { "OPAQUE" })
        .done()
}

/// `20260122T090000Z`
fn utc(at: Timestamp) -> String {
    TimeZone::UTC.to_datetime(at).strftime("%Y%m%dT%H%M%SZ").to_string()
}

/// A text may have line ends; other control characters have no place in a calendar.
fn plain(text: &str) -> String {
    text.replace("\r\n", "\n")
        .replace('\r', "\n")
        .chars()
        .filter(|character| *character == '\n' || !character.is_control())
        .collect()
}

/// The escaping of a TEXT, for NAME, which is younger than RFC 5545 and which the crate writes as it is.
fn escaped(text: &str) -> String {
    plain(text)
        .replace('\\', r"\\")
        .replace(',', r"\,")
        .replace(';', r"\;")
        .replace('\n', r"\n")
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    fn entry<'a>(summary: &'a str, location: &'a str) -> Entry<'a> {
        Entry {
            booking_id: BookingId(Uuid::from_u128(7)),
            summary,
            location,
            starts_at: at("2026-01-22T09:00:00Z"),
            ends_at: at("2026-01-22T11:00:00Z"),
            cancelled: false,
            sequence: 0,
            made_at: at("2026-01-20T09:00:00Z"),
            changed_at: at("2026-01-20T09:00:00.75Z"),
        }
    }

    #[test]
    fn a_feed_as_calendars_read_it() {
        let cancelled = Entry {
            cancelled: true,
            sequence: 3,
            changed_at: at("2026-01-21T12:30:00Z"),
            ..entry("Süd; \"A, B\"", "Speicher\r\nHafen\\Kai")
        };
        let feed = Feed {
            name: "Elbe, Speicher",
            entries: vec![entry("Elbe", "Speicher, Hafenstrasse 1, 10115 Berlin, DE"), cancelled],
        };
        let text = write(&feed);
        assert_eq!(text, write(&feed), "no clock and no chance in it");
        insta::assert_snapshot!(text.replace("\r\n", "\n"), @r#"
        BEGIN:VCALENDAR
        VERSION:2.0
        PRODID:-//Coterie//Bookings//EN
        CALSCALE:GREGORIAN
        NAME:Elbe\, Speicher
        X-WR-CALNAME:Elbe\, Speicher
        REFRESH-INTERVAL;VALUE=DURATION:PT15M
        X-PUBLISHED-TTL:PT15M
        BEGIN:VEVENT
        CREATED:20260120T090000Z
        DTEND:20260122T110000Z
        DTSTAMP:20260120T090000Z
        DTSTART:20260122T090000Z
        LAST-MODIFIED:20260120T090000Z
        LOCATION:Speicher\, Hafenstrasse 1\, 10115 Berlin\, DE
        SEQUENCE:0
        STATUS:CONFIRMED
        SUMMARY:Elbe
        TRANSP:OPAQUE
        UID:00000000-0000-0000-0000-000000000007
        END:VEVENT
        BEGIN:VEVENT
        CREATED:20260120T090000Z
        DTEND:20260122T110000Z
        DTSTAMP:20260121T123000Z
        DTSTART:20260122T090000Z
        LAST-MODIFIED:20260121T123000Z
        LOCATION:Speicher\nHafen\\Kai
        SEQUENCE:3
        STATUS:CANCELLED
        SUMMARY:Süd\; "A\, B"
        TRANSP:TRANSPARENT
        UID:00000000-0000-0000-0000-000000000007
        END:VEVENT
        END:VCALENDAR
        "#);
    }

    #[test]
    fn long_lines_are_folded_between_letters() {
        let name = "Ümläüté ".repeat(30);
        let text = write(&Feed {
            name: &name,
            entries: vec![entry(&name, &name)],
        });
        assert!(text.split("\r\n").all(|line| line.len() <= 75), "{text}");
        assert!(!text.replace("\r\n", "").contains(['\r', '\n']));
        let unfolded = text.replace("\r\n ", "");
        assert!(unfolded.contains(&format!("SUMMARY:{name}\r\n")), "{unfolded}");
        assert!(unfolded.contains(&format!("X-WR-CALNAME:{name}\r\n")), "{unfolded}");
    }
}
