//! Everything that followed from one request.

use askama::Template;
use axum::response::Response;
use coterie_app::log::page::{self as log, EventRow};
use uuid::Uuid;

use super::{EventCard, People, Places, cards, links};
use crate::{
    components::Pagination,
    context::PageContext,
    failure::Failure,
    finance::office::{Id, Office},
    page::page,
};

#[derive(Template)]
#[template(path = "audit/correlation.html")]
struct Correlation {
    ctx: PageContext,
    id: Uuid,
    total: usize,
    bounded: bool,
    events: Vec<EventCard>,
    pagination: Pagination,
}

pub(super) async fn show(office: Office, Id(id): Id) -> Result<Response, Failure> {
    let (app, tenant) = (office.app(), office.tenant());
    let after = office.query.get("after").parse::<i64>().unwrap_or(0);
    let all = log::correlation(app, tenant, id).await?;
    let total = all.len();
    let mut events: Vec<EventRow> = all.into_iter().filter(|event| event.position > after).collect();
    let more = events.len() > links::STREAM_PAGE;
    events.truncate(links::STREAM_PAGE);
    let Some(last) = events.last() else {
        return Err(Failure::not_found());
    };
    let next = more.then(|| format!("{}?after={}", links::correlation(id), last.position));
    let people = People::of(app, tenant, &events).await?;
    let places = Places::new(office.catalogue().await?).knowing(&people);
    let shown = Correlation {
        id,
        total,
        bounded: i64::try_from(total).is_ok_and(|total| total >= log::MAX_EVENTS),
        events: cards(&events, &people, &places),
        pagination: Pagination {
            label: "Events".to_owned(),
            previous: (after > 0).then(|| links::correlation(id)),
            next,
        },
        ctx: office.ctx,
    };
    Ok(page(&shown.ctx, &shown))
}
