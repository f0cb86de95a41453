//! Those who wait for a time that is taken.

use coterie_app::{
    booking::Book,
    waitlist::{self, WaitlistRow},
};
use coterie_domain::{MemberId, ResourceId, WaitlistEntryId, local_time};
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
pub struct WaitlistEntry {
    entry_id: Uuid,
    member_id: Uuid,
    resource_id: Uuid,
    location_id: Uuid,
    /// Wall time at the location.
    #[schema(value_type = String, example = "2026-01-22T10:00")]
    starts_at: WallTime,
    #[schema(value_type = String, example = "2026-01-22T12:00")]
    ends_at: WallTime,
    time_zone: String,
    /// How many wait for an overlapping time of the same resource and came before.
    ahead: i64,
    /// The hold, once the time is offered.
    booking_id: Option<Uuid>,
}

impl From<WaitlistRow> for WaitlistEntry {
    fn from(row: WaitlistRow) -> Self {
        let zone = local_time::zone(&row.time_zone).unwrap_or(TimeZone::UTC);
        Self {
            entry_id: row.entry_id.0,
            member_id: row.member_id.0,
            resource_id: row.resource_id.0,
            location_id: row.location_id.0,
            starts_at: WallTime::at(row.starts_at, &zone),
            ends_at: WallTime::at(row.ends_at, &zone),
            time_zone: row.time_zone,
            ahead: row.ahead,
            booking_id: row.booking_id.map(|id| id.0),
        }
    }
}

#[derive(Debug, Serialize, ToSchema)]
pub struct Waitlist {
    items: Vec<WaitlistEntry>,
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct JoinWaitlist {
    member_id: Uuid,
    resource_id: Uuid,
    /// Wall time at the location.
    #[schema(value_type = String, example = "2026-01-22T10:00")]
    starts_at: WallTime,
    #[schema(value_type = String, example = "2026-01-22T12:00")]
    ends_at: WallTime,
    /// How many would come.
    people: Option<i32>,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct Waiting {
    entry_id: Uuid,
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct WaitlistQuery {
    member_id: Option<Uuid>,
    resource_id: Option<Uuid>,
}

#[utoipa::path(get, path = "/v1/waitlist", tag = "bookings", params(WaitlistQuery),
    responses((status = 200, description = "Those who wait, in the order in which they came", body = Waitlist)))]
pub async fn list(reading: Reading) -> Answer<Waitlist> {
    reading.settled(&[]).await?;
    let query: WaitlistQuery = reading.query()?;
    let (member, resource) = (query.member_id.map(MemberId), query.resource_id.map(ResourceId));
    let rows = waitlist::list(reading.app(), &reading.caller(), member, resource).await?;
    Ok(ApiJson(Waitlist {
        items: rows.into_iter().map(WaitlistEntry::from).collect(),
    }))
}

#[utoipa::path(post, path = "/v1/waitlist", tag = "bookings", request_body = JoinWaitlist,
    responses((status = 201, description = "In line: when it becomes free it is held for her, and she gets an email", body = Waiting),
        (status = 409, description = "It is free, or she waits for it already")))]
pub async fn join(command: Command<JoinWaitlist>) -> CommandAnswer<Waiting> {
    let wish = command.body;
    let wish = Book {
        member_id: MemberId(wish.member_id),
        resource_id: ResourceId(wish.resource_id),
        start: wish.starts_at.0,
        end: wish.ends_at.0,
        people: wish.people,
    };
    let done = waitlist::join(&command.house.app, &command.caller, wish).await?;
    let body = Waiting {
        entry_id: done.outcome.0,
    };
    Ok(Carried::created(&done, "/v1/waitlist".to_owned(), body))
}

#[utoipa::path(post, path = "/v1/waitlist/{entry_id}/leave", tag = "bookings", params(("entry_id" = Uuid, Path)), request_body = Nothing,
    responses((status = 200, description = "She does not wait any more", body = Waiting)))]
pub async fn leave(Id(id): Id, command: Command<Nothing>) -> CommandAnswer<Waiting> {
    let done = waitlist::leave(&command.house.app, &command.caller, WaitlistEntryId(id)).await?;
    let body = Waiting {
        entry_id: done.outcome.0,
    };
    Ok(Carried::changed(&done, body))
}
