//! One event: what caused it and what it led to.

use askama::Template;
use axum::response::Response;
use coterie_app::log::page as log;

use super::{EventCard, People, Places, cards, event_table, links, sentence};
use crate::{
    components::{Link, Pagination},
    context::PageContext,
    failure::Failure,
    finance::office::{Id, Office},
    page::page,
};

#[derive(Template)]
#[template(path = "audit/event.html")]
struct EventPage {
    ctx: PageContext,
    position: i64,
    title: String,
    event: Vec<EventCard>,
    cause: Option<Link>,
    effects: Vec<Link>,
    pagination: Pagination,
}

pub(super) async fn show(office: Office, Id(position): Id<i64>) -> Result<Response, Failure> {
    let (app, tenant) = (office.app(), office.tenant());
    let event = log::event(app, tenant, position)
        .await?
        .ok_or_else(Failure::not_found)?;
    let cause = match event.causation {
        Some(cause) => log::event(app, tenant, cause).await?,
        None => None,
    };
    let effects = log::effects(app, tenant, position).await?;
    let head = log::head(app, tenant).await?.map_or(0, |head| head.position);
    let all = || std::iter::once(&event).chain(&cause).chain(&effects);
    let people = People::of(app, tenant, all()).await?;
    let places = Places::new(office.catalogue().await?).knowing(&people);
    let link = |other: &log::EventRow| {
        let zone = places.zone(other, std::slice::from_ref(&event));
        let happened = event_table::happened(other, &sentence::of(other, &places, &zone));
        Link::new(
            format!("{happened} (position {})", other.position),
            links::position(other.position),
        )
    };
    let cause = cause.as_ref().map(link);
    let effects = effects.iter().map(link).collect();
    let shown = EventPage {
        position,
        title: links::humanized(&event.event_type),
        event: cards(std::slice::from_ref(&event), &people, &places)
            .into_iter()
            .map(EventCard::open)
            .collect(),
        cause,
        effects,
        pagination: Pagination {
            label: "Events".to_owned(),
            previous: (position > 1).then(|| links::position(position - 1)),
            next: (position < head).then(|| links::position(position + 1)),
        },
        ctx: office.ctx,
    };
    Ok(page(&shown.ctx, &shown))
}
