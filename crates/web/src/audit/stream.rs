//! The history of one thing: who did what to it, when, and from which request.

use askama::Template;
use axum::response::Response;
use coterie_app::log::page::{self as log, EventRow};
use uuid::Uuid;

use super::{EventCard, People, Places, links};
use crate::{
    components::Pagination,
    context::PageContext,
    failure::Failure,
    finance::office::{Id, Office},
    page::page,
};

#[derive(Template)]
#[template(path = "audit/stream.html")]
struct History {
    ctx: PageContext,
    noun: String,
    name: String,
    events: Vec<EventCard>,
    pagination: Pagination,
}

pub(super) async fn show(office: Office, Id(stream_id): Id) -> Result<Response, Failure> {
    let after = office.query.get("after").parse::<i64>().unwrap_or(0).max(0);
    let (app, tenant) = (office.app(), office.tenant());
    let mut events = log::stream(app, tenant, stream_id, after).await?;
    let more = events.len() > links::STREAM_PAGE;
    events.truncate(links::STREAM_PAGE);
    let Some(first) = events.first() else {
        return Err(Failure::not_found());
    };
    let places = Places::new(office.catalogue().await?);
    let people = People::of(app, tenant, &events).await?;
    let history = History {
        noun: links::humanized(&first.category),
        name: name(&places, stream_id, &events),
        pagination: pagination(stream_id, after, more.then(|| events.last()).flatten()),
        events: cards(&events, &people, &places),
        ctx: office.ctx,
    };
    Ok(page(&history.ctx, &history))
}

/// Later events of a stream often name no place: they are read in the zone of the first that does.
fn cards(events: &[EventRow], people: &People, places: &Places) -> Vec<EventCard> {
    let zone = events
        .iter()
        .find_map(|event| places.zone_named_in(&event.payload))
        .unwrap_or_else(|| places.common_zone());
    events
        .iter()
        .map(|event| EventCard::new(event, format!("version-{}", event.version), people, places, &zone))
        .collect()
}

/// What the catalogue or the thing itself calls it; else its id.
fn name(places: &Places, stream_id: Uuid, events: &[EventRow]) -> String {
    let own = |event: &EventRow| {
        ["number", "name", "description", "memo"]
            .iter()
            .find_map(|key| Some(event.payload.get(*key)?.as_str()?.to_owned()))
    };
    places
        .name(stream_id)
        .map(str::to_owned)
        .or_else(|| events.iter().find_map(own))
        .unwrap_or_else(|| stream_id.to_string())
}

fn pagination(stream_id: Uuid, after: i64, last: Option<&EventRow>) -> Pagination {
    let page = i64::try_from(links::STREAM_PAGE).unwrap_or(i64::MAX);
    let at = |after: i64| match after {
        ..=0 => links::stream(stream_id),
        after => format!("{}?after={after}", links::stream(stream_id)),
    };
    Pagination {
        label: "Events".to_owned(),
        previous: (after > 0).then(|| at(after - page)),
        next: last.map(|event| at(event.version)),
    }
}
