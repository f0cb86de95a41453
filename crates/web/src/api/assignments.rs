//! Desks and offices that are one member's.

use coterie_app::assignment::{self, AssignmentRow, NewAssignment};
use coterie_domain::{AssignmentId, MemberId, MembershipId, ResourceId};
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use super::{
    command::Command,
    reading::{Id, Reading},
    reply::{Answer, Carried, CommandAnswer},
};
use crate::json::ApiJson;

#[derive(Debug, Serialize, ToSchema)]
pub struct Assignment {
    assignment_id: Uuid,
    resource_id: Uuid,
    location_id: Uuid,
    membership_id: Uuid,
    member_id: Uuid,
    /// Whole days of the location's clock, both included.
    first_day: Date,
    /// Null where it lasts as long as the membership.
    last_day: Option<Date>,
}

impl From<AssignmentRow> for Assignment {
    fn from(row: AssignmentRow) -> Self {
        Self {
            assignment_id: row.assignment_id.0,
            resource_id: row.resource_id.0,
            location_id: row.location_id.0,
            membership_id: row.membership_id.0,
            member_id: row.member_id.0,
            first_day: row.first_day,
            last_day: row.last_day,
        }
    }
}

#[derive(Debug, Serialize, ToSchema)]
pub struct Assignments {
    items: Vec<Assignment>,
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct MakeAssignment {
    resource_id: Uuid,
    membership_id: Uuid,
    first_day: Date,
    /// Left out, it lasts as long as the membership.
    last_day: Option<Date>,
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct EndAssignment {
    /// Left out, it ends today.
    last_day: Option<Date>,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct Made {
    assignment_id: Uuid,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct AssignmentEnd {
    assignment_id: Uuid,
    /// The day before the first one where it never began.
    last_day: Date,
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct AssignmentQuery {
    resource_id: Option<Uuid>,
    member_id: Option<Uuid>,
}

#[utoipa::path(get, path = "/v1/assignments", tag = "bookings", params(AssignmentQuery),
    responses((status = 200, description = "Those that are not over, by first day", body = Assignments)))]
pub async fn list(reading: Reading) -> Answer<Assignments> {
    reading.settled(&[]).await?;
    let query: AssignmentQuery = reading.query()?;
    let (resource, member) = (query.resource_id.map(ResourceId), query.member_id.map(MemberId));
    let rows = assignment::list(reading.app(), reading.tenant(), resource, member).await?;
    Ok(ApiJson(Assignments {
        items: rows.into_iter().map(Assignment::from).collect(),
    }))
}

#[utoipa::path(post, path = "/v1/assignments", tag = "bookings", request_body = MakeAssignment,
    responses((status = 201, description = "Nobody else can book it on these days", body = Made),
        (status = 409, description = "Bookings, blockers or assignments stand then: `in_the_way` names the first five, `many` says how many")))]
pub async fn create(command: Command<MakeAssignment>) -> CommandAnswer<Made> {
    let new = NewAssignment {
        resource_id: ResourceId(command.body.resource_id),
        membership_id: MembershipId(command.body.membership_id),
        first_day: command.body.first_day,
        last_day: command.body.last_day,
    };
    let done = assignment::make(&command.house.app, &command.caller, new).await?;
    let body = Made {
        assignment_id: done.outcome.0,
    };
    Ok(Carried::created(&done, "/v1/assignments".to_owned(), body))
}

#[utoipa::path(post, path = "/v1/assignments/{assignment_id}/end", tag = "bookings", params(("assignment_id" = Uuid, Path)), request_body = EndAssignment,
    responses((status = 200, description = "It can be booked from the day after on", body = AssignmentEnd)))]
pub async fn end(Id(id): Id, command: Command<EndAssignment>) -> CommandAnswer<AssignmentEnd> {
    let (app, last_day) = (&command.house.app, command.body.last_day);
    let done = assignment::end(app, &command.caller, AssignmentId(id), None, last_day).await?;
    let body = AssignmentEnd {
        assignment_id: id,
        last_day: done.outcome,
    };
    Ok(Carried::changed(&done, body))
}
