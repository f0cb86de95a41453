//! Everything that one command wrote: one append, all or nothing.

use askama::Template;
use axum::response::Response;
use coterie_app::log::page as log;
use uuid::Uuid;

use super::{EventCard, Facts, People, Places, cards, links, when};
use crate::{
    components::{Link, Pagination},
    context::PageContext,
    failure::Failure,
    finance::office::{Id, Office},
    page::page,
};

#[derive(Template)]
#[template(path = "audit/command.html")]
struct Command {
    ctx: PageContext,
    id: Uuid,
    total: i64,
    facts: Facts,
    events: Vec<EventCard>,
    pagination: Pagination,
}

pub(super) async fn show(office: Office, Id(id): Id) -> Result<Response, Failure> {
    let (app, tenant) = (office.app(), office.tenant());
    let number = |field: &str| office.query.get(field).parse::<i64>().ok();
    let after = number("after").unwrap_or(0).max(0);
    let limit = i64::try_from(links::STREAM_PAGE).unwrap_or(i64::MAX);
    let found = log::command(app, tenant, id, number("at"), after, limit).await?;
    let found = found.ok_or_else(Failure::not_found)?;
    let (Some(first), Some(last)) = (found.events.first(), found.events.last()) else {
        return Err(Failure::not_found());
    };
    let people = People::of(app, tenant, &found.events).await?;
    let places = Places::new(office.catalogue().await?).knowing(&people);
    let zone = places.zone(first, &found.events);
    let mut facts = Facts::default()
        .item("Who", people.link(&first.actor))
        .item("When", when::named(first.occurred_at, &zone))
        .item(
            "Request",
            Link::new("What else followed from it", links::correlation(first.correlation_id)),
        );
    if let Some(cause) = first.causation {
        facts = facts.item(
            "Because of",
            Link::new(format!("Position {cause}"), links::position(cause)),
        );
    }
    let address = |after: i64| format!("/log/commands/{id}?at={}&after={after}", found.first_position);
    let shown = Command {
        id,
        total: found.last_position - found.first_position + 1,
        facts,
        pagination: Pagination {
            label: "Events".to_owned(),
            previous: (first.position > found.first_position).then(|| address((first.position - 1 - limit).max(0))),
            next: (last.position < found.last_position).then(|| address(last.position)),
        },
        events: cards(&found.events, &people, &places),
        ctx: office.ctx,
    };
    Ok(page(&shown.ctx, &shown))
}
