//! Hours that staff give beside what a plan grants.

use coterie_app::membership;
use coterie_domain::{MembershipId, ResourceTypeId, credit::NewCourtesy};
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::{
    command::Command,
    reading::Id,
    reply::{Carried, CommandAnswer},
};

#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct GiveCourtesy {
    resource_type_id: Uuid,
    #[schema(minimum = 1, maximum = 6000)]
    minutes: i64,
    /// The last day on which it can be used, of the membership's house.
    last_day: Date,
    reason: String,
}

/// A lot of minutes that staff gave.
#[derive(Debug, Serialize, ToSchema)]
pub struct Courtesy {
    lot_id: Uuid,
    membership_id: Uuid,
    #[serde(flatten)]
    given: GiveCourtesy,
}

#[utoipa::path(post, path = "/v1/memberships/{membership_id}/courtesies", tag = "memberships", params(("membership_id" = Uuid, Path)), request_body = GiveCourtesy,
    responses((status = 201, description = "Given: bookings draw on it from now on, whatever expires first first", body = Courtesy)))]
pub async fn give(Id(id): Id, command: Command<GiveCourtesy>) -> CommandAnswer<Courtesy> {
    let given = command.body;
    let new = NewCourtesy {
        resource_type_id: ResourceTypeId(given.resource_type_id),
        minutes: given.minutes,
        last_day: given.last_day,
        reason: given.reason.clone(),
    };
    let done = membership::give_courtesy(&command.house.app, &command.caller, MembershipId(id), &new).await?;
    let body = Courtesy {
        lot_id: done.outcome.0,
        membership_id: id,
        given,
    };
    Ok(Carried::created(
        &done,
        format!("/v1/log/streams/{}", done.outcome),
        body,
    ))
}
