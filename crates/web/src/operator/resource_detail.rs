//! One room or desk: what it is, and the address by which a calendar shows its bookings.

use axum::{extract::Path, response::Response};
use coterie_app::calendar_feed::Subject;
use coterie_domain::{ResourceId, resource::ResourceAdded};
use uuid::Uuid;

use super::{
    calendar_feed,
    desk::Desk,
    location_detail, resources,
    sheet::{Html, Sheet},
    times,
};
use crate::{
    audit::links,
    components::{DefinitionList, Link},
    failure::Failure,
};

pub(super) fn address(id: impl std::fmt::Display) -> String {
    format!("{}/{id}", resources::HERE)
}

async fn found(desk: &Desk, id: Uuid) -> Result<ResourceAdded, Failure> {
    Ok(desk.catalogue().await?.resource(ResourceId(id))?.clone())
}

/// The room's page.
pub(super) async fn detail(desk: Desk, Path(id): Path<Uuid>) -> Result<Response, Failure> {
    let room = found(&desk, id).await?;
    let catalogue = desk.catalogue().await?;
    let place = catalogue.location(room.location_id)?;
    let kind = catalogue.resource_type(room.resource_type_id)?;
    let facts = DefinitionList::new()
        .item("Type", kind.name.clone())
        .item(
            "Where",
            Link::new(&place.name, location_detail::address(place.location_id)),
        )
        .item("People it holds", room.capacity.to_string())
        .item("Length", length(&room))
        .item("Buffers", buffers(&room));
    let feed = calendar_feed::parts(&desk, Subject::Resource(room.resource_id), &address(id)).await?;
    Ok(Sheet::set_up(&desk, &room.name)
        .back("Rooms and desks", resources::HERE)
        .history(links::stream(id))
        .card("facts", "What it is", &[Html::of(&facts)])
        .card("feed", "In a calendar", &feed)
        .show())
}

/// `30 min to 8 h, by 30 min`
pub(super) fn length(room: &ResourceAdded) -> String {
    format!(
        "{} to {}, by {}",
        times::minutes(room.min_minutes.into()),
        times::minutes(room.max_minutes.into()),
        times::minutes(room.step_minutes.into())
    )
}

/// `10 min before, 15 min after`
pub(super) fn buffers(room: &ResourceAdded) -> String {
    match (room.buffer_before_minutes, room.buffer_after_minutes) {
        (0, 0) => "none".to_owned(),
        (before, after) => format!("{before} min before, {after} min after"),
    }
}

/// Makes the address of its calendar feed.
pub(super) async fn make_feed(desk: Desk, Path(id): Path<Uuid>) -> Result<Response, Failure> {
    let room = found(&desk, id).await?;
    calendar_feed::make(desk, Subject::Resource(room.resource_id), &room.name, &address(id)).await
}

/// Revokes it.
pub(super) async fn revoke_feed(desk: Desk, Path(id): Path<Uuid>) -> Result<Response, Failure> {
    calendar_feed::revoke(desk, Subject::Resource(ResourceId(id)), &address(id)).await
}
