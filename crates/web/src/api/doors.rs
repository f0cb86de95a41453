//! Secret addresses of the pages beside rooms' doors, and whether members have codes for them.

use axum::extract::State;
use coterie_app::{door, organization};
use coterie_domain::{MemberId, ResourceId};
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
pub struct Door {
    /// Null when there is none.
    #[schema(required)]
    made_at: Option<Timestamp>,
}

/// A new address. The one before does not work any more.
#[derive(Debug, Serialize, ToSchema)]
pub struct DoorMade {
    /// Shown once; only its digest is kept.
    #[schema(example = "https://harbour.example/door/…")]
    address: String,
    made_at: Timestamp,
}

#[utoipa::path(get, path = "/v1/resources/{resource_id}/door", tag = "catalogue", params(("resource_id" = Uuid, Path)),
    responses((status = 200, description = "Whether a tablet beside it has an address", body = Door)))]
pub async fn show(Id(id): Id, reading: Reading) -> Answer<Door> {
    reading.settled(&[]).await?;
    let made_at = door::made_at(reading.app(), &reading.caller(), ResourceId(id)).await?;
    Ok(ApiJson(Door { made_at }))
}

#[utoipa::path(post, path = "/v1/resources/{resource_id}/door", tag = "catalogue", params(("resource_id" = Uuid, Path)), request_body = Nothing,
    responses((status = 201, description = "A new address for a tablet beside it; an Idempotency-Key is refused, because a secret that is shown once cannot be repeated", body = DoorMade)))]
pub async fn make(
    Id(id): Id,
    State(state): State<AppState>,
    command: Command<Nothing>,
) -> Result<(StatusCode, ApiJson<DoorMade>), Failure> {
    command.shows_a_secret("The secret address of a door")?;
    let app = &command.house.app;
    let organization = organization::by_id(app, command.caller.tenant).await?;
    let organization = organization.ok_or_else(Failure::not_found)?;
    let made = door::make(app, &command.caller, ResourceId(id)).await?;
    let site = state.config.public_url.of_chain(&organization.slug);
    let made = DoorMade {
        address: format!("{site}{}", made.path),
        made_at: made.made_at,
    };
    Ok((StatusCode::CREATED, ApiJson(made)))
}

#[utoipa::path(post, path = "/v1/resources/{resource_id}/door/revoke", tag = "catalogue", params(("resource_id" = Uuid, Path)), request_body = Nothing,
    responses((status = 200, description = "No tablet beside it has an address any more", body = Door)))]
pub async fn revoke(Id(id): Id, command: Command<Nothing>) -> Answer<Door> {
    door::revoke(&command.house.app, &command.caller, ResourceId(id)).await?;
    Ok(ApiJson(Door { made_at: None }))
}

/// Whether she has a door code. Only she can make one, on her own page, and it is never shown again.
#[derive(Debug, Serialize, ToSchema)]
pub struct DoorCode {
    /// Null when there is none.
    #[schema(required)]
    made_at: Option<Timestamp>,
}

#[utoipa::path(get, path = "/v1/members/{member_id}/door_code", tag = "members", params(("member_id" = Uuid, Path)),
    responses((status = 200, description = "Whether doors know her by a code", body = DoorCode)))]
pub async fn show_code(Id(id): Id, reading: Reading) -> Answer<DoorCode> {
    reading.settled(&[]).await?;
    let made_at = door::code_made_at(reading.app(), &reading.caller(), MemberId(id)).await?;
    Ok(ApiJson(DoorCode { made_at }))
}

#[utoipa::path(post, path = "/v1/members/{member_id}/door_code/revoke", tag = "members", params(("member_id" = Uuid, Path)), request_body = Nothing,
    responses((status = 200, description = "No door knows her any more", body = DoorCode)))]
pub async fn revoke_code(Id(id): Id, command: Command<Nothing>) -> Answer<DoorCode> {
    door::revoke_code(&command.house.app, &command.caller, MemberId(id)).await?;
    Ok(ApiJson(DoorCode { made_at: None }))
}
