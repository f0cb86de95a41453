//! Bookings as rows.

use coterie_app::booking::page::{BookingRow, BookingState};
use coterie_domain::{Refusal, local_time};
use jiff::tz::TimeZone;

use super::times;
use crate::components::{Badge, Cell, Column, Link, Money, Table, Tone};

/// The bookings of one day at one place, whose caption says which day and zone.
pub(super) fn of_day(bookings: &[BookingRow], caption: &str, zone: &TimeZone) -> Table {
    let columns = [
        Column::text("Time"),
        Column::text("What"),
        Column::text("Who"),
        Column::number("Charged, net"),
        Column::text("State"),
    ];
    let mut table = Table::new(caption, columns);
    for booking in bookings {
        table.push([
            Link::new(times::span(booking.starts_at, booking.ends_at, zone), address(booking)).into(),
            booking.resource_name.clone().into(),
            who(booking),
            charged(booking),
            state(booking).into(),
        ]);
    }
    table
}

/// Bookings of any day and place: the day, the place and its zone stand in each row.
pub(super) fn with_days(bookings: &[BookingRow], caption: &str) -> Result<Table, Refusal> {
    let columns = [
        Column::text("When"),
        Column::text("What"),
        Column::text("Where"),
        Column::number("Charged, net"),
        Column::text("State"),
    ];
    let mut table = Table::new(caption, columns);
    for booking in bookings {
        let zone = local_time::zone(&booking.time_zone)?;
        let day = times::day(local_time::day_at(booking.starts_at, &zone));
        let when = format!("{day}, {}", times::span(booking.starts_at, booking.ends_at, &zone));
        table.push([
            Link::new(when, address(booking)).into(),
            booking.resource_name.clone().into(),
            format!("{} ({})", booking.location_name, booking.time_zone).into(),
            charged(booking),
            state(booking).into(),
        ]);
    }
    Ok(table)
}

fn address(booking: &BookingRow) -> String {
    format!("/operator/bookings/{}", booking.booking_id)
}

fn who(booking: &BookingRow) -> Cell {
    let visitor = if booking.visitor { " (visitor)" } else { "" };
    let name = format!("{}{visitor}", booking.member_name);
    Link::new(name, format!("/operator/members/{}", booking.member_id)).into()
}

fn charged(booking: &BookingRow) -> Cell {
    Money::new(booking.charged.minor, booking.charged.currency.code()).into()
}

/// Whether it stands.
pub(super) fn state(booking: &BookingRow) -> Badge {
    match booking.state {
        BookingState::Held if booking.visitor => Badge::new(Tone::Warning, "Being paid"),
        BookingState::Held => Badge::new(Tone::Warning, "Held"),
        BookingState::Requested => Badge::new(Tone::Info, "Asked for"),
        BookingState::Confirmed if booking.checked_in_at.is_some() => Badge::new(Tone::Good, "Checked in"),
        BookingState::Confirmed => Badge::new(Tone::Good, "Confirmed"),
        BookingState::Expired => Badge::new(Tone::Neutral, "Hold ran out"),
        BookingState::Declined => Badge::new(Tone::Neutral, "Declined"),
        BookingState::Cancelled => Badge::new(Tone::Neutral, "Cancelled"),
        BookingState::NoShow => Badge::new(Tone::Bad, "Did not come"),
    }
}
