//! A day of rooms: a row per resource, a column per half hour. A real table, because
//! then rows, columns and spans are read out right and need no inline style.

mod layout;

use askama::Template;
use jiff::{Timestamp, tz::TimeZone};

use super::prints_html;
use layout::Slots;

/// Whose time it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Occupancy {
    /// Taken by somebody else.
    Busy,
    /// The viewer's own booking.
    Mine,
    /// Not bookable: closed, a buffer, maintenance.
    Closed,
}

impl Occupancy {
    fn class(self) -> &'static str {
        match self {
            Self::Busy => "busy",
            Self::Mine => "mine",
            Self::Closed => "closed",
        }
    }
}

/// A stretch of time in which a resource is not free.
#[derive(Debug, Clone)]
pub struct Occupied {
    /// Its beginning.
    pub start: Timestamp,
    /// Its end, not included.
    pub end: Timestamp,
    /// Whose it is.
    pub occupancy: Occupancy,
    /// What the cell says: "Booked", "Yours", a name for staff.
    pub label: String,
    /// The booking's page, where the viewer may see it.
    pub href: Option<String>,
}

/// One row.
#[derive(Debug, Clone)]
pub struct GridResource {
    /// The resource's name: "Room A".
    pub name: String,
    /// What helps choosing: "8 seats, screen".
    pub detail: String,
    /// Where a free cell leads, without its start: `/bookings/new?resource=..`.
    /// The start is appended as `start=2026-01-20T09:00:00Z`. `None` shows free time without links.
    pub book_href: Option<String>,
    /// Everything that is not free, in any order.
    pub occupied: Vec<Occupied>,
}

/// The grid of one day at one location.
#[derive(Debug, Clone, Template)]
#[template(path = "components/day_grid.html")]
pub struct DayGrid {
    id: &'static str,
    caption: String,
    zone_name: String,
    columns: Vec<Column>,
    rows: Vec<Row>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Column {
    /// The local time the slot begins at.
    label: String,
    /// Whether it begins a full hour, whose label is shown.
    on_the_hour: bool,
}

#[derive(Debug, Clone)]
struct Row {
    name: String,
    detail: String,
    cells: Vec<Cell>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Cell {
    class: &'static str,
    span: usize,
    hour: bool,
    text: String,
    accessible: String,
    href: Option<String>,
}

impl DayGrid {
    /// A grid from `opens` to `closes` (instants, so that days of 23 and 25 hours come out
    /// right) in the location's zone. Slots that begin before `now` are past and not offered.
    /// At most 50 half hours are shown. `id` is unique on its page.
    pub fn new(
        id: &'static str,
        caption: impl Into<String>,
        zone: &TimeZone,
        (opens, closes): (Timestamp, Timestamp),
        now: Timestamp,
        resources: Vec<GridResource>,
    ) -> Self {
        let slots = Slots::between(opens, closes, zone, now);
        let zone_name = zone.iana_name().map_or_else(
            || opens.to_zoned(zone.clone()).strftime("%Z").to_string(),
            |name| name.replace('_', " "),
        );
        Self {
            id,
            caption: caption.into(),
            zone_name,
            columns: slots.columns(),
            rows: resources
                .into_iter()
                .map(|resource| Row {
                    cells: slots.cells(&resource),
                    name: resource.name,
                    detail: resource.detail,
                })
                .collect(),
        }
    }
}

prints_html!(DayGrid);

#[cfg(test)]
mod tests;
