//! Secret addresses that calendars subscribe to, for members, rooms and houses.

use axum::extract::State;
use coterie_app::{
    calendar_feed::{self, Subject},
    organization,
};
use coterie_domain::{LocationId, MemberId, ResourceId};
use http::StatusCode;
use jiff::Timestamp;
use serde::Serialize;
use utoipa::ToSchema;

use super::{
    command::{Command, Nothing},
    reading::{Id, Reading},
    reply::Answer,
};
use crate::{failure::Failure, json::ApiJson, state::AppState};

/// Whether there is an address; it is never shown again.
#[derive(Debug, Serialize, ToSchema)]
pub struct CalendarFeed {
    /// Null when there is none.
    #[schema(required)]
    made_at: Option<Timestamp>,
}

/// A new address. The one before does not work any more.
#[derive(Debug, Serialize, ToSchema)]
pub struct CalendarFeedMade {
    /// Shown once; only its digest is kept.
    #[schema(example = "https://harbour.example/calendars/….ics")]
    address: String,
    made_at: Timestamp,
}

type Made = Result<(StatusCode, ApiJson<CalendarFeedMade>), Failure>;

async fn shown(reading: Reading, subject: Subject) -> Answer<CalendarFeed> {
    reading.settled(&[]).await?;
    let made_at = calendar_feed::made_at(reading.app(), &reading.caller(), subject).await?;
    Ok(ApiJson(CalendarFeed { made_at }))
}

async fn made(state: &AppState, command: Command<Nothing>, subject: Subject) -> Made {
    command.shows_a_secret("The secret address of a calendar feed")?;
    let app = &command.house.app;
    let organization = organization::by_id(app, command.caller.tenant).await?;
    let organization = organization.ok_or_else(Failure::not_found)?;
    let feed = calendar_feed::make(app, &command.caller, subject).await?;
    let site = state.config.public_url.of_chain(&organization.slug);
    let made = CalendarFeedMade {
        address: format!("{site}{}", feed.path),
        made_at: feed.made_at,
    };
    Ok((StatusCode::CREATED, ApiJson(made)))
}

async fn revoked(command: Command<Nothing>, subject: Subject) -> Answer<CalendarFeed> {
    calendar_feed::revoke(&command.house.app, &command.caller, subject).await?;
    Ok(ApiJson(CalendarFeed { made_at: None }))
}

#[utoipa::path(get, path = "/v1/members/{member_id}/calendar_feed", tag = "members", params(("member_id" = Uuid, Path)),
    responses((status = 200, description = "Whether her bookings can be read by an address", body = CalendarFeed)))]
pub async fn of_member(Id(id): Id, reading: Reading) -> Answer<CalendarFeed> {
    shown(reading, Subject::Member(MemberId(id))).await
}

#[utoipa::path(post, path = "/v1/members/{member_id}/calendar_feed", tag = "members", params(("member_id" = Uuid, Path)), request_body = Nothing,
    responses((status = 201, description = "A new address of her bookings; an Idempotency-Key is refused, because a secret that is shown once cannot be repeated", body = CalendarFeedMade)))]
pub async fn make_of_member(Id(id): Id, State(state): State<AppState>, command: Command<Nothing>) -> Made {
    made(&state, command, Subject::Member(MemberId(id))).await
}

#[utoipa::path(post, path = "/v1/members/{member_id}/calendar_feed/revoke", tag = "members", params(("member_id" = Uuid, Path)), request_body = Nothing,
    responses((status = 200, description = "No address of her bookings works any more", body = CalendarFeed)))]
pub async fn revoke_of_member(Id(id): Id, command: Command<Nothing>) -> Answer<CalendarFeed> {
    revoked(command, Subject::Member(MemberId(id))).await
}

#[utoipa::path(get, path = "/v1/resources/{resource_id}/calendar_feed", tag = "catalogue", params(("resource_id" = Uuid, Path)),
    responses((status = 200, description = "Whether its bookings can be read by an address", body = CalendarFeed)))]
pub async fn of_resource(Id(id): Id, reading: Reading) -> Answer<CalendarFeed> {
    shown(reading, Subject::Resource(ResourceId(id))).await
}

#[utoipa::path(post, path = "/v1/resources/{resource_id}/calendar_feed", tag = "catalogue", params(("resource_id" = Uuid, Path)), request_body = Nothing,
    responses((status = 201, description = "A new address of its bookings, with the names of those who come; an Idempotency-Key is refused", body = CalendarFeedMade)))]
pub async fn make_of_resource(Id(id): Id, State(state): State<AppState>, command: Command<Nothing>) -> Made {
    made(&state, command, Subject::Resource(ResourceId(id))).await
}

#[utoipa::path(post, path = "/v1/resources/{resource_id}/calendar_feed/revoke", tag = "catalogue", params(("resource_id" = Uuid, Path)), request_body = Nothing,
    responses((status = 200, description = "No address of its bookings works any more", body = CalendarFeed)))]
pub async fn revoke_of_resource(Id(id): Id, command: Command<Nothing>) -> Answer<CalendarFeed> {
    revoked(command, Subject::Resource(ResourceId(id))).await
}

#[utoipa::path(get, path = "/v1/locations/{location_id}/calendar_feed", tag = "catalogue", params(("location_id" = Uuid, Path)),
    responses((status = 200, description = "Whether its bookings can be read by an address", body = CalendarFeed)))]
pub async fn of_location(Id(id): Id, reading: Reading) -> Answer<CalendarFeed> {
    shown(reading, Subject::Location(LocationId(id))).await
}

#[utoipa::path(post, path = "/v1/locations/{location_id}/calendar_feed", tag = "catalogue", params(("location_id" = Uuid, Path)), request_body = Nothing,
    responses((status = 201, description = "A new address of its bookings, with the names of those who come; an Idempotency-Key is refused", body = CalendarFeedMade)))]
pub async fn make_of_location(Id(id): Id, State(state): State<AppState>, command: Command<Nothing>) -> Made {
    made(&state, command, Subject::Location(LocationId(id))).await
}

#[utoipa::path(post, path = "/v1/locations/{location_id}/calendar_feed/revoke", tag = "catalogue", params(("location_id" = Uuid, Path)), request_body = Nothing,
    responses((status = 200, description = "No address of its bookings works any more", body = CalendarFeed)))]
pub async fn revoke_of_location(Id(id): Id, command: Command<Nothing>) -> Answer<CalendarFeed> {
    revoked(command, Subject::Location(LocationId(id))).await
}
