//! Secret addresses of the pages at houses' entrances.

use axum::extract::State;
use coterie_app::{door, organization};
use coterie_domain::LocationId;
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
pub struct Kiosk {
    /// Null when there is none.
    #[schema(required)]
    made_at: Option<Timestamp>,
}

/// A new address. The one before does not work any more.
#[derive(Debug, Serialize, ToSchema)]
pub struct KioskMade {
    /// Shown once; only its digest is kept.
    #[schema(example = "https://harbour.example/kiosk/…")]
    address: String,
    made_at: Timestamp,
}

#[utoipa::path(get, path = "/v1/locations/{location_id}/kiosk", tag = "catalogue", params(("location_id" = Uuid, Path)),
    responses((status = 200, description = "Whether a tablet at its entrance has an address", body = Kiosk)))]
pub async fn show(Id(id): Id, reading: Reading) -> Answer<Kiosk> {
    reading.settled(&[]).await?;
    let made_at = door::made_at(reading.app(), &reading.caller(), LocationId(id)).await?;
    Ok(ApiJson(Kiosk { made_at }))
}

#[utoipa::path(post, path = "/v1/locations/{location_id}/kiosk", tag = "catalogue", params(("location_id" = Uuid, Path)), request_body = Nothing,
    responses((status = 201, description = "A new address for a tablet at its entrance; an Idempotency-Key is refused, because a secret that is shown once cannot be repeated", body = KioskMade)))]
pub async fn make(
    Id(id): Id,
    State(state): State<AppState>,
    command: Command<Nothing>,
) -> Result<(StatusCode, ApiJson<KioskMade>), Failure> {
    command.shows_a_secret("The secret address of a kiosk")?;
    let app = &command.house.app;
    let organization = organization::by_id(app, command.caller.tenant).await?;
    let organization = organization.ok_or_else(Failure::not_found)?;
    let made = door::make(app, &command.caller, LocationId(id)).await?;
    let site = state.config.public_url.of_chain(&organization.slug);
    let made = KioskMade {
        address: format!("{site}{}", made.path),
        made_at: made.made_at,
    };
    Ok((StatusCode::CREATED, ApiJson(made)))
}

#[utoipa::path(post, path = "/v1/locations/{location_id}/kiosk/revoke", tag = "catalogue", params(("location_id" = Uuid, Path)), request_body = Nothing,
    responses((status = 200, description = "No tablet at its entrance has an address any more", body = Kiosk)))]
pub async fn revoke(Id(id): Id, command: Command<Nothing>) -> Answer<Kiosk> {
    door::revoke(&command.house.app, &command.caller, LocationId(id)).await?;
    Ok(ApiJson(Kiosk { made_at: None }))
}
