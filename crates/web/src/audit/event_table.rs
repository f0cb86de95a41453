//! Events as rows: what happened, to what, by whom and when.

use coterie_app::log::page::EventRow;

use super::{People, Places, links, sentence, when};
use crate::components::{Column, EmptyState, Link, Table};

/// One row per event, in the order given.
pub(super) fn of(caption: &str, events: &[EventRow], people: &People, places: &Places) -> Table {
    let columns = [
        Column::text("What happened"),
        Column::text("To"),
        Column::text("Who"),
        Column::text("When"),
        Column::text("From"),
        Column::number("Position"),
    ];
    let mut table = Table::new(caption, columns).empty(EmptyState::new(
        "No event fits",
        "Nothing of this kind has happened in the part of the log that was looked through.",
    ));
    for event in events {
        let zone = places.zone(event, events);
        table.push([
            Link::new(
                happened(event, &sentence::of(event, places, &zone)),
                links::position(event.position),
            )
            .into(),
            Link::new(
                links::humanized(&event.category),
                links::as_of(event.stream_id, event.position),
            )
            .into(),
            people.link(&event.actor).into(),
            when::exact(event.occurred_at, &zone).into(),
            Link::new("Command", links::command(event.command_id, event.position)).into(),
            event.position.to_string().into(),
        ]);
    }
    table
}

/// `Booking confirmed: Elbe, 22 Jan 2026, 10:00–12:00 CET`
pub(super) fn happened(event: &EventRow, sentence: &str) -> String {
    let name = links::humanized(&event.event_type);
    if sentence.is_empty() {
        name
    } else {
        format!("{name}: {sentence}")
    }
}
