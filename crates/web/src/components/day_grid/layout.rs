//! Where each cell of the day grid goes.

use jiff::{SignedDuration, Timestamp, tz::TimeZone};

use super::{Cell, Column, GridResource, Occupied};

/// One column.
const HALF_HOUR: SignedDuration = SignedDuration::from_mins(30);
/// The longest local day has 25 hours.
const MOST_SLOTS: usize = 50;

pub(super) struct Slots<'a> {
    starts: Vec<Timestamp>,
    zone: &'a TimeZone,
    now: Timestamp,
}

impl<'a> Slots<'a> {
    pub(super) fn between(opens: Timestamp, closes: Timestamp, zone: &'a TimeZone, now: Timestamp) -> Self {
        let mut starts = Vec::new();
        let mut start = opens;
        while start < closes && starts.len() < MOST_SLOTS {
            starts.push(start);
            let Ok(next) = start.checked_add(HALF_HOUR) else { break };
            start = next;
        }
        Self { starts, zone, now }
    }

    pub(super) fn columns(&self) -> Vec<Column> {
        self.starts
            .iter()
            .map(|start| Column {
                label: self.clock(*start),
                on_the_hour: self.on_the_hour(*start),
            })
            .collect()
    }

    /// The cells of one row; neighbouring slots of one occupied stretch become one cell.
    pub(super) fn cells(&self, resource: &GridResource) -> Vec<Cell> {
        let mut cells: Vec<Cell> = Vec::with_capacity(self.starts.len());
        let mut before = None;
        for start in &self.starts {
            let taken = resource
                .occupied
                .iter()
                .enumerate()
                .filter(|(_, occupied)| overlaps(occupied, *start))
                .min_by_key(|(_, occupied)| occupied.start);
            let here = taken.map(|(index, _)| index);
            match (taken, cells.last_mut()) {
                (Some(_), Some(last)) if here == before => last.span += 1,
                (Some((_, occupied)), _) => cells.push(self.taken(resource, occupied, *start)),
                (None, _) => cells.push(self.free(resource, *start)),
            }
            before = here;
        }
        cells
    }

    fn taken(&self, resource: &GridResource, occupied: &Occupied, slot: Timestamp) -> Cell {
        Cell {
            class: occupied.occupancy.class(),
            span: 1,
            hour: self.on_the_hour(slot),
            text: occupied.label.clone(),
            accessible: format!(
                "{}, {}–{}, {}",
                resource.name,
                self.clock(occupied.start),
                self.clock(occupied.end),
                occupied.label
            ),
            href: occupied.href.clone(),
        }
    }

    fn free(&self, resource: &GridResource, start: Timestamp) -> Cell {
        let past = start < self.now;
        let end = start.checked_add(HALF_HOUR).unwrap_or(start);
        let state = if past { "past" } else { "free" };
        Cell {
            class: state,
            span: 1,
            hour: self.on_the_hour(start),
            text: String::new(),
            accessible: format!("{}, {}–{}, {state}", resource.name, self.clock(start), self.clock(end)),
            href: resource.book_href.as_ref().filter(|_| !past).map(|href| {
                let joint = if href.contains('?') { '&' } else { '?' };
                format!("{href}{joint}start={start}")
            }),
        }
    }

    /// The local wall time. In a doubled hour the abbreviation of the zone tells which.
    fn clock(&self, instant: Timestamp) -> String {
        let local = instant.to_zoned(self.zone.clone());
        let doubled = self.zone.to_ambiguous_timestamp(local.datetime()).is_ambiguous();
        local.strftime(if doubled { "%H:%M %Z" } else { "%H:%M" }).to_string()
    }

    fn on_the_hour(&self, instant: Timestamp) -> bool {
        instant.to_zoned(self.zone.clone()).minute() == 0
    }
}

fn overlaps(occupied: &Occupied, start: Timestamp) -> bool {
    let end = start.checked_add(HALF_HOUR).unwrap_or(start);
    occupied.start < end && start < occupied.end
}
