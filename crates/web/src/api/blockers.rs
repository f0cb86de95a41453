//! Resources out of service.

use coterie_app::blocker::{self, BlockerRow, NewBlocker};
use coterie_domain::{BlockerId, ResourceId, local_time};
use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use super::{
    command::{Command, Nothing},
    reading::{Id, Reading},
    reply::{Answer, Carried, CommandAnswer},
    words::WallTime,
};
use crate::json::ApiJson;

#[derive(Debug, Serialize, ToSchema)]
pub struct Blocker {
    blocker_id: Uuid,
    resource_id: Uuid,
    location_id: Uuid,
    /// Wall time at the location.
    #[schema(value_type = String, example = "2026-03-02T08:00")]
    starts_at: WallTime,
    #[schema(value_type = String, example = "2026-03-04T18:00")]
    ends_at: WallTime,
    time_zone: String,
    reason: String,
}

impl From<BlockerRow> for Blocker {
    fn from(row: BlockerRow) -> Self {
        let zone = local_time::zone(&row.time_zone).unwrap_or(TimeZone::UTC);
        Self {
            blocker_id: row.blocker_id.0,
            resource_id: row.resource_id.0,
            location_id: row.location_id.0,
            starts_at: WallTime::at(row.starts_at, &zone),
            ends_at: WallTime::at(row.ends_at, &zone),
            time_zone: row.time_zone,
            reason: row.reason,
        }
    }
}

#[derive(Debug, Serialize, ToSchema)]
pub struct Blockers {
    items: Vec<Blocker>,
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PlaceBlocker {
    resource_id: Uuid,
    /// Wall time at the location; opening hours do not matter.
    #[schema(value_type = String, example = "2026-03-02T08:00")]
    starts_at: WallTime,
    #[schema(value_type = String, example = "2026-03-04T18:00")]
    ends_at: WallTime,
    /// Members read it.
    reason: String,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct Placed {
    blocker_id: Uuid,
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct BlockerQuery {
    resource_id: Option<Uuid>,
}

#[utoipa::path(get, path = "/v1/blockers", tag = "bookings", params(BlockerQuery),
    responses((status = 200, description = "Those that are not over, by start", body = Blockers)))]
pub async fn list(reading: Reading) -> Answer<Blockers> {
    reading.settled(&[]).await?;
    let query: BlockerQuery = reading.query()?;
    let rows = blocker::list(reading.app(), reading.tenant(), query.resource_id.map(ResourceId)).await?;
    Ok(ApiJson(Blockers {
        items: rows.into_iter().map(Blocker::from).collect(),
    }))
}

#[utoipa::path(post, path = "/v1/blockers", tag = "bookings", request_body = PlaceBlocker,
    responses((status = 201, description = "Out of service for that time", body = Placed),
        (status = 409, description = "Bookings stand then: `bookings` says how many")))]
pub async fn create(command: Command<PlaceBlocker>) -> CommandAnswer<Placed> {
    let new = command.body;
    let new = NewBlocker {
        resource_id: ResourceId(new.resource_id),
        start: new.starts_at.0,
        end: new.ends_at.0,
        reason: new.reason,
    };
    let done = blocker::place(&command.house.app, &command.caller, new).await?;
    let body = Placed {
        blocker_id: done.outcome.0,
    };
    Ok(Carried::created(&done, "/v1/blockers".to_owned(), body))
}

#[utoipa::path(post, path = "/v1/blockers/{blocker_id}/lift", tag = "bookings", params(("blocker_id" = Uuid, Path)), request_body = Nothing,
    responses((status = 200, description = "It can be booked again", body = Placed)))]
pub async fn lift(Id(id): Id, command: Command<Nothing>) -> CommandAnswer<Placed> {
    let done = blocker::lift(&command.house.app, &command.caller, BlockerId(id), None).await?;
    let body = Placed {
        blocker_id: done.outcome.0,
    };
    Ok(Carried::changed(&done, body))
}
