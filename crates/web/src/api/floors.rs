//! Floors of a location, their plans, and where resources stand on them.

use coterie_app::{App, catalogue, floor};
use coterie_domain::{
    FloorId, LocationId,
    floor::{Floor as Known, NewFloor},
};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use super::{
    command::Command,
    reading::{Id, PageQuery, Reading},
    reply::{Answer, Carried, CommandAnswer, List, naming},
};
use crate::{failure::Failure, json::ApiJson};

/// What the body with a plan may weigh.
pub const PLAN_LIMIT_BYTES: usize = 2 * floor::MAX_PLAN_BYTES;

#[derive(Debug, Serialize, ToSchema)]
pub struct Floor {
    floor_id: Uuid,
    location_id: Uuid,
    name: String,
    /// 0 is the ground floor, -1 the one below it.
    level: i32,
    /// Absent where it has none.
    plan: Option<FloorPlan>,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct FloorPlan {
    /// Of the drawing as it is shown, in hexadecimal.
    sha256: String,
    /// Its height for each thousand of its width.
    height_per_mille: i32,
}

impl From<&Known> for Floor {
    fn from(floor: &Known) -> Self {
        Self {
            floor_id: floor.fact.floor_id.0,
            location_id: floor.fact.location_id.0,
            name: floor.fact.name.clone(),
            level: floor.fact.level,
            plan: floor.plan.as_ref().map(|plan| FloorPlan {
                sha256: plan.sha256.clone(),
                height_per_mille: plan.height_per_mille,
            }),
        }
    }
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AddFloor {
    location_id: Uuid,
    name: String,
    level: i32,
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RenameFloor {
    name: String,
    level: i32,
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SetPlan {
    /// An SVG of 512 KiB at most. Elements and attributes that draw are kept; scripts, styles with addresses, pictures,
    /// links and animations are left out.
    svg: String,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct Drawing {
    /// As it is shown.
    svg: String,
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct FloorFilter {
    location_id: Option<Uuid>,
}

#[utoipa::path(post, path = "/v1/floors", tag = "catalogue", request_body = AddFloor,
    responses((status = 201, description = "Added", body = Floor)))]
pub async fn create(command: Command<AddFloor>) -> CommandAnswer<Floor> {
    let (app, new) = (&command.house.app, command.body);
    let location = LocationId(new.location_id);
    let new = NewFloor {
        name: new.name,
        level: new.level,
    };
    let done = floor::add(app, &command.caller, location, new).await?;
    let body = one(app, command.caller.tenant, done.outcome).await?;
    Ok(Carried::created(&done, format!("/v1/floors/{}", done.outcome), body))
}

#[utoipa::path(get, path = "/v1/floors", tag = "catalogue", params(PageQuery, FloorFilter),
    responses((status = 200, description = "Floors, the oldest first", body = List<Floor>)))]
pub async fn list(reading: Reading) -> Answer<List<Floor>> {
    reading.settled(&[]).await?;
    let filter: FloorFilter = reading.query()?;
    let catalogue = catalogue::read(reading.app(), reading.tenant()).await?;
    let wanted = |floor: &&Known| filter.location_id.is_none_or(|id| floor.fact.location_id.0 == id);
    Ok(List::by_id(
        &reading.page()?,
        catalogue.floors.values().filter(wanted),
        |floor| floor.fact.floor_id.0,
        Floor::from,
    ))
}

#[utoipa::path(get, path = "/v1/floors/{floor_id}", tag = "catalogue", params(("floor_id" = Uuid, Path)),
    responses((status = 200, description = "One floor", body = Floor)))]
pub async fn show(Id(id): Id, reading: Reading) -> Answer<Floor> {
    reading.settled(&[]).await?;
    Ok(ApiJson(one(reading.app(), reading.tenant(), FloorId(id)).await?))
}

#[utoipa::path(post, path = "/v1/floors/{floor_id}", tag = "catalogue", params(("floor_id" = Uuid, Path)), request_body = RenameFloor,
    responses((status = 200, description = "It has this name and level", body = Floor)))]
pub async fn rename(Id(id): Id, command: Command<RenameFloor>) -> CommandAnswer<Floor> {
    let (app, id) = (&command.house.app, FloorId(id));
    let new = NewFloor {
        name: command.body.name,
        level: command.body.level,
    };
    let done = floor::rename(app, &command.caller, id, new).await?;
    Ok(Carried::changed(&done, one(app, command.caller.tenant, id).await?))
}

#[utoipa::path(get, path = "/v1/floors/{floor_id}/plan", tag = "catalogue", params(("floor_id" = Uuid, Path)),
    responses((status = 200, description = "The drawing", body = Drawing), (status = 404, description = "It has no plan")))]
pub async fn plan(Id(id): Id, reading: Reading) -> Answer<Drawing> {
    reading.settled(&[]).await?;
    let plan = floor::plan_of(reading.app(), reading.tenant(), FloorId(id)).await?;
    let plan = plan.ok_or_else(Failure::not_found)?;
    Ok(ApiJson(Drawing {
        svg: String::from_utf8_lossy(&plan.bytes).into_owned(),
    }))
}

#[utoipa::path(post, path = "/v1/floors/{floor_id}/plan", tag = "catalogue", params(("floor_id" = Uuid, Path)), request_body = SetPlan,
    responses((status = 200, description = "Members see this plan from now on", body = Floor)))]
pub async fn set_plan(Id(id): Id, command: Command<SetPlan>) -> CommandAnswer<Floor> {
    let (app, id) = (&command.house.app, FloorId(id));
    let done = floor::set_plan(app, &command.caller, id, command.body.svg.as_bytes())
        .await
        .map_err(naming(&[("plan", "svg")]))?;
    Ok(Carried::changed(&done, one(app, command.caller.tenant, id).await?))
}

async fn one(app: &App, tenant: Uuid, id: FloorId) -> Result<Floor, Failure> {
    let catalogue = catalogue::read(app, tenant).await?;
    catalogue
        .floors
        .get(&id)
        .map(Floor::from)
        .ok_or_else(Failure::not_found)
}
