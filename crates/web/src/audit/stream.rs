//! The history of one thing: who did what to it, when, and how it stood at any point of it.

use askama::Template;
use axum::response::Response;
use coterie_app::{
    log::{
        history::{self, AsOf, History, Stop},
        page::{self as log, EventRow},
    },
    projections,
};
use jiff::tz::TimeZone;
use uuid::Uuid;

use super::{EventCard, People, Places, as_of, links, sentence, state_card::StateCard, when};
use crate::{
    components::{Field, Pagination},
    context::PageContext,
    failure::{Failure, FieldError},
    finance::office::{Id, Office},
    page::page,
};

#[derive(Template)]
#[template(path = "audit/stream.html")]
struct StreamPage {
    ctx: PageContext,
    address: String,
    noun: String,
    name: String,
    /// Member, where the stream is one's: she has a page with everything of hers.
    everything: Option<String>,
    stops: Vec<String>,
    /// Where the slider stands: at the first event also for the time before it.
    slider: usize,
    said: String,
    time: Field,
    state: Option<StateCard>,
    shown: String,
    events: Vec<EventCard>,
    cut: bool,
    pagination: Pagination,
}

pub(super) async fn show(office: Office, Id(stream_id): Id) -> Result<Response, Failure> {
    // What belongs to an invoice is found by the models of money.
    office.caught_up(&[projections::MONEY, projections::JOURNAL]).await?;
    let (app, tenant) = (office.app(), office.tenant());
    let places = Places::new(office.catalogue().await?);
    let moment = moment(&office, stream_id, &places).await?;
    let history = history::history(app, tenant, stream_id, moment)
        .await?
        .ok_or_else(Failure::not_found)?;
    let people = People::of(app, tenant, &history.events).await?;
    let places = places.knowing(&people);
    let zone = zone(&history.events, &places);
    let (events, pagination) = cards(&office, &history, moment, &people, &places, &zone);
    let shown = StreamPage {
        address: links::stream(stream_id),
        noun: links::humanized(&history.category),
        name: name(&places, stream_id, &history.events, &zone),
        everything: (history.category == "member").then(|| links::member(stream_id)),
        stops: history.stops.iter().map(|stop| stop_text(stop, &zone)).collect(),
        slider: history.step.max(1),
        said: said(&history, &zone),
        time: Field::wall_time(
            "as_of",
            format!("Or as of a time in {}", zone.iana_name().unwrap_or("UTC")),
        )
        .value(if as_of::needs_zone(office.query.get("as_of")) {
            office.query.get("as_of")
        } else {
            ""
        }),
        state: history
            .state
            .as_ref()
            .map(|state| StateCard::new(state, history.before.as_ref(), &places, &zone)),
        shown: counted(history.events.len(), history.stops.len()),
        events,
        cut: history.cut,
        pagination,
        ctx: office.ctx,
    };
    Ok(page(&shown.ctx, &shown))
}

/// The moment that the query asks for, by the number of an event (the slider) or by a position or time.
async fn moment(office: &Office, stream_id: Uuid, places: &Places) -> Result<AsOf, Failure> {
    let step = office.query.get("step");
    if !step.is_empty() {
        let step = step.parse().map(AsOf::Step);
        return step.map_err(|_| Failure::invalid(vec![FieldError::new("step", "Write the number of an event.")]));
    }
    let asked = office.query.get("as_of");
    if !as_of::needs_zone(asked) {
        return as_of::read(asked, &TimeZone::UTC);
    }
    let events = log::stream(office.app(), office.tenant(), stream_id, 0).await?;
    if events.is_empty() {
        return Err(Failure::not_found());
    }
    as_of::read(asked, &zone(&events, places))
}

/// Later events of a stream often name no place: they are read in the zone of the first that does.
fn zone(events: &[EventRow], places: &Places) -> TimeZone {
    events
        .iter()
        .find_map(|event| places.zone_named_in(&event.payload))
        .unwrap_or_else(|| places.common_zone())
}

/// A page of the cards, and the way to the others. Who asks for a moment begins at the page that ends with it.
fn cards(
    office: &Office,
    history: &History,
    moment: AsOf,
    people: &People,
    places: &Places,
    zone: &TimeZone,
) -> (Vec<EventCard>, Pagination) {
    let total = history.events.len();
    let last_page = total.saturating_sub(1) / links::STREAM_PAGE * links::STREAM_PAGE;
    let first = match office.query.get("after").parse::<usize>() {
        Ok(after) => after.min(total),
        Err(_) if moment == AsOf::Now => 0,
        Err(_) => last_page,
    };
    let events: Vec<&EventRow> = history.events.iter().skip(first).take(links::STREAM_PAGE).collect();
    let cards = events
        .iter()
        .map(|event| {
            let anchor = if event.stream_id == history.stream_id {
                format!("version-{}", event.version)
            } else {
                format!("event-{}", event.position)
            };
            EventCard::new(event, anchor, people, places, zone)
        })
        .collect();
    let address = |after: usize| {
        let asked = ["step", "as_of"].map(|field| (field, office.query.get(field)));
        let mut pairs: Vec<(&str, String)> = asked
            .into_iter()
            .filter(|(_, value)| !value.is_empty())
            .map(|(field, value)| (field, value.to_owned()))
            .collect();
        pairs.push(("after", after.to_string()));
        // Pairs of strings always encode.
        let query = serde_urlencoded::to_string(pairs).unwrap_or_default();
        format!("{}?{query}", links::stream(history.stream_id))
    };
    let end = first + events.len();
    let pagination = Pagination {
        label: "Events".to_owned(),
        previous: (first > 0).then(|| address(first.saturating_sub(links::STREAM_PAGE))),
        next: (end < total).then(|| address(end)),
    };
    (cards, pagination)
}

/// What the catalogue or the thing itself calls it, or how it began; else its id.
fn name(places: &Places, stream_id: Uuid, events: &[EventRow], zone: &TimeZone) -> String {
    let own = |event: &EventRow| {
        ["number", "name", "description", "memo", "plan_name"]
            .iter()
            .find_map(|key| Some(event.payload.get(*key)?.as_str()?.to_owned()))
    };
    places
        .name(stream_id)
        .map(str::to_owned)
        .or_else(|| events.iter().find_map(own))
        .or_else(|| events.first().map(|first| sentence::of(first, places, zone)))
        .filter(|name| !name.is_empty())
        .unwrap_or_else(|| stream_id.to_string())
}

/// `Booking cancelled, 20 Jan 2026, 10:00:00 CET`
fn stop_text(stop: &Stop, zone: &TimeZone) -> String {
    format!(
        "{}, {}",
        links::humanized(&stop.event_type),
        when::exact(stop.occurred_at, zone)
    )
}

fn said(history: &History, zone: &TimeZone) -> String {
    let Some(last) = history.step.checked_sub(1).and_then(|last| history.stops.get(last)) else {
        return "It did not exist yet.".to_owned();
    };
    format!(
        "After event {} of {}: {} (position {})",
        history.step,
        history.stops.len(),
        stop_text(last, zone),
        last.position
    )
}

fn counted(shown: usize, all: usize) -> String {
    match (shown, all) {
        (1, 1) => "The one event there is.".to_owned(),
        (shown, all) if shown == all => format!("All {all} events, the first first."),
        (shown, all) => format!("{shown} of {all} events: up to this moment, the first first."),
    }
}
