//! Days and times as visitors read them, in the zone of the house.

use coterie_domain::{Money, local_time, location::LocationOpened};
use jiff::{Timestamp, civil::Date};

use crate::{components, failure::Failure};

/// `Thu 22 January 2026`
pub(super) fn day(date: Date) -> String {
    date.strftime("%a %-d %B %Y").to_string()
}

/// `10:00`
pub(super) fn clock(at: Timestamp, zone: &str) -> Result<String, Failure> {
    Ok(local_time::zone(zone)?.to_datetime(at).strftime("%H:%M").to_string())
}

/// `Thu 22 January 2026, 10:00 to 12:00 (Europe/Berlin)`
pub(super) fn span(from: Timestamp, until: Timestamp, zone: &str) -> Result<String, Failure> {
    let first = local_time::zone(zone)?.to_datetime(from).date();
    Ok(format!(
        "{}, {} to {} ({zone})",
        day(first),
        clock(from, zone)?,
        clock(until, zone)?
    ))
}

/// `Hafenstrasse 1, 10115 Berlin`
pub(super) fn street(place: &LocationOpened) -> String {
    let address = &place.address;
    format!("{}, {} {}", address.street, address.postcode, address.city)
}

/// `1 person`, `8 people`
pub(super) fn people(capacity: i32) -> String {
    match capacity {
        1 => "1 person".to_owned(),
        many => format!("{many} people"),
    }
}

pub(super) fn money(amount: Money) -> components::Money {
    components::Money::new(amount.minor, amount.currency.code())
}
