//! One event with everything that is known about it.

use askama::Template;
use coterie_app::log::page::EventRow;
use jiff::tz::TimeZone;

use super::{Facts, People, Places, links, payload, sentence, when};
use crate::components::{Link, prints_html};

/// Effects that a card names one by one.
const MOST_EFFECTS: usize = 5;

/// An event as a card: what happened, by whom and when, from which command and request, and what was recorded.
#[derive(Debug, Clone, Template)]
#[template(path = "audit/event_card.html")]
pub(crate) struct EventCard {
    anchor: String,
    position: i64,
    noun: String,
    version: i64,
    title: Link,
    sentence: String,
    facts: Facts,
    payload: Facts,
    hash: String,
    open: bool,
}

prints_html!(EventCard);

impl EventCard {
    /// `anchor` is the card's id, unique on its page.
    pub(crate) fn new(event: &EventRow, anchor: String, people: &People, places: &Places, zone: &TimeZone) -> Self {
        let mut facts = Facts::default()
            .item("Who", people.link(&event.actor))
            .item("When", when::named(event.occurred_at, zone));
        if when::differs(event.occurred_at, event.recorded_at) {
            let wall = when::exact(event.recorded_at, &TimeZone::UTC);
            facts = facts.item("Written down", format!("{wall}, wall time"));
        }
        facts = facts
            .item(
                "Command",
                Link::new(
                    event.command_id.to_string(),
                    links::command(event.command_id, event.position),
                ),
            )
            .item(
                "Request",
                Link::new(
                    event.correlation_id.to_string(),
                    links::correlation(event.correlation_id),
                ),
            );
        if let Some(position) = event.causation {
            facts = facts.item(
                "Because of",
                Link::new(format!("Position {position}"), links::position(position)),
            );
        }
        facts = facts.item(
            "History",
            Link::new(
                format!("{} {}", links::humanized(&event.category), event.stream_id),
                links::as_of(event.stream_id, event.position),
            ),
        );
        Self {
            anchor,
            position: event.position,
            noun: links::humanized(&event.category),
            version: event.version,
            title: Link::new(links::humanized(&event.event_type), links::position(event.position)),
            sentence: sentence::of(event, places, zone),
            facts,
            payload: payload::facts(&event.payload, places, zone),
            hash: event.hash_hex.clone(),
            open: false,
        }
    }

    /// Names what reacted to it, as far as that stands beside it.
    fn leading_to(mut self, effects: &[&EventRow]) -> Self {
        for effect in effects.iter().take(MOST_EFFECTS) {
            let label = format!("{}, position {}", links::humanized(&effect.event_type), effect.position);
            self.facts = self
                .facts
                .item("Led to", Link::new(label, links::position(effect.position)));
        }
        if effects.len() > MOST_EFFECTS {
            let all = Link::new(format!("All {} of them", effects.len()), links::position(self.position));
            self.facts = self.facts.item("Led to", all);
        }
        self
    }

    /// Shows at once what was recorded.
    pub(crate) fn open(self) -> Self {
        Self { open: true, ..self }
    }
}

/// Events as cards, each with its position as anchor.
pub(crate) fn cards(events: &[EventRow], people: &People, places: &Places) -> Vec<EventCard> {
    events
        .iter()
        .map(|event| {
            let zone = places.zone(event, events);
            let effects: Vec<&EventRow> = events
                .iter()
                .filter(|other| other.causation == Some(event.position))
                .collect();
            EventCard::new(event, format!("event-{}", event.position), people, places, &zone).leading_to(&effects)
        })
        .collect()
}
