//! Rooms, desks, booths, parking.

use coterie_app::{App, catalogue, resource};
use coterie_domain::{
    FloorId, LocationId, ResourceId, ResourceTypeId,
    catalogue::Catalogue,
    resource::{NewPosition, NewResource, NewTerms, ResourceAdded},
};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use super::{
    command::Command,
    reading::{Id, PageQuery, Reading},
    reply::{Answer, Carried, CommandAnswer, List, naming},
    words::Money,
};
use crate::{failure::Failure, json::ApiJson};

#[derive(Debug, Serialize, ToSchema)]
pub struct Resource {
    resource_id: Uuid,
    resource_type_id: Uuid,
    location_id: Uuid,
    name: String,
    /// People it holds.
    capacity: i32,
    /// Set-up time that blocks it before each booking.
    buffer_before_minutes: i32,
    /// Clean-up time that blocks it after each booking.
    buffer_after_minutes: i32,
    min_minutes: i32,
    max_minutes: i32,
    /// Starts and lengths are multiples of this.
    step_minutes: i32,
    /// A booking starts at least so long after it is made.
    lead_minutes: i32,
    /// And at most so many days after.
    horizon_days: i32,
    amenities: Vec<String>,
    /// The rooms it is combined of: booking it takes all of them, booking one of them takes it.
    part_ids: Vec<Uuid>,
    /// Members ask for it, staff say yes or no.
    approval: bool,
    /// How long it can be held before it is booked; 0 is not at all.
    hold_minutes: i32,
    /// Whoever has not checked in so long after the start loses the rest; `null` asks nobody to.
    check_in_minutes: Option<i32>,
    /// Net, on top of the price, for whoever does not come.
    no_show_fee: Option<Money>,
    /// Visitors without an account can book it, and pay when they do.
    visitors: bool,
    /// Where it stands on the plan of a floor; absent where it stands on none.
    position: Option<Position>,
}

/// A point of a plan.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Position {
    floor_id: Uuid,
    /// Percent of the plan's width from the left, to one decimal.
    #[schema(value_type = String, example = "12.5")]
    x_percent: Decimal,
    /// Percent of the plan's height from the top.
    #[schema(value_type = String, example = "40")]
    y_percent: Decimal,
}

impl Resource {
    fn of(fact: &ResourceAdded, catalogue: &Catalogue) -> Self {
        let terms = catalogue.terms_of(fact.resource_id);
        let position = catalogue.positions.get(&fact.resource_id);
        Self {
            position: position.map(|position| Position {
                floor_id: position.floor_id.0,
                x_percent: position.x_percent,
                y_percent: position.y_percent,
            }),
            lead_minutes: terms.lead_minutes,
            horizon_days: terms.horizon_days,
            amenities: terms.amenities,
            part_ids: terms.parts.iter().map(|id| id.0).collect(),
            approval: terms.approval,
            hold_minutes: terms.hold_minutes,
            check_in_minutes: terms.check_in_minutes,
            no_show_fee: terms.no_show_fee.map(Money::from),
            visitors: terms.visitors,
            resource_id: fact.resource_id.0,
            resource_type_id: fact.resource_type_id.0,
            location_id: fact.location_id.0,
            name: fact.name.clone(),
            capacity: fact.capacity,
            buffer_before_minutes: fact.buffer_before_minutes,
            buffer_after_minutes: fact.buffer_after_minutes,
            min_minutes: fact.min_minutes,
            max_minutes: fact.max_minutes,
            step_minutes: fact.step_minutes,
        }
    }
}

/// What is left out takes the usual: one person, no buffers, 30 minutes to 24 hours in steps of 30.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AddResource {
    resource_type_id: Uuid,
    location_id: Uuid,
    name: String,
    capacity: Option<i32>,
    buffer_before_minutes: Option<i32>,
    buffer_after_minutes: Option<i32>,
    min_minutes: Option<i32>,
    max_minutes: Option<i32>,
    step_minutes: Option<i32>,
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct ResourceFilter {
    location_id: Option<Uuid>,
}

#[utoipa::path(post, path = "/v1/resources", tag = "catalogue", request_body = AddResource,
    responses((status = 201, description = "Added", body = Resource)))]
pub async fn create(command: Command<AddResource>) -> CommandAnswer<Resource> {
    let (app, new) = (&command.house.app, command.body);
    let usual = NewResource::default();
    let (kind, location) = (ResourceTypeId(new.resource_type_id), LocationId(new.location_id));
    let new = NewResource {
        name: new.name,
        capacity: new.capacity.unwrap_or(usual.capacity),
        buffer_before_minutes: new.buffer_before_minutes.unwrap_or(usual.buffer_before_minutes),
        buffer_after_minutes: new.buffer_after_minutes.unwrap_or(usual.buffer_after_minutes),
        min_minutes: new.min_minutes.unwrap_or(usual.min_minutes),
        max_minutes: new.max_minutes.unwrap_or(usual.max_minutes),
        step_minutes: new.step_minutes.unwrap_or(usual.step_minutes),
    };
    let done = resource::add(app, &command.caller, kind, location, new).await?;
    let body = one(app, command.caller.tenant, done.outcome).await?;
    Ok(Carried::created(&done, format!("/v1/resources/{}", done.outcome), body))
}

#[utoipa::path(get, path = "/v1/resources", tag = "catalogue", params(PageQuery, ResourceFilter),
    responses((status = 200, description = "Resources, the oldest first", body = List<Resource>)))]
pub async fn list(reading: Reading) -> Answer<List<Resource>> {
    reading.settled(&[]).await?;
    let filter: ResourceFilter = reading.query()?;
    let catalogue = catalogue::read(reading.app(), reading.tenant()).await?;
    let wanted = |fact: &&ResourceAdded| filter.location_id.is_none_or(|id| fact.location_id.0 == id);
    let known = catalogue.resources.values().filter(wanted);
    Ok(List::by_id(
        &reading.page()?,
        known,
        |fact| fact.resource_id.0,
        |fact| Resource::of(fact, &catalogue),
    ))
}

#[utoipa::path(get, path = "/v1/resources/{resource_id}", tag = "catalogue", params(("resource_id" = Uuid, Path)),
    responses((status = 200, description = "One resource", body = Resource)))]
pub async fn show(Id(id): Id, reading: Reading) -> Answer<Resource> {
    reading.settled(&[]).await?;
    Ok(ApiJson(one(reading.app(), reading.tenant(), ResourceId(id)).await?))
}

async fn one(app: &App, tenant: Uuid, id: ResourceId) -> Result<Resource, Failure> {
    let catalogue = catalogue::read(app, tenant).await?;
    catalogue
        .resources
        .get(&id)
        .map(|fact| Resource::of(fact, &catalogue))
        .ok_or_else(Failure::not_found)
}

/// What is left out stays as it is.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SetTerms {
    lead_minutes: Option<i32>,
    horizon_days: Option<i32>,
    amenities: Option<Vec<String>>,
    part_ids: Option<Vec<Uuid>>,
    /// Members ask, staff say yes or no.
    approval: Option<bool>,
    hold_minutes: Option<i32>,
    /// 0 asks nobody to check in.
    check_in_minutes: Option<i32>,
    /// Net, in minor units of the currency of its legal entity; 0 is no fee.
    no_show_fee_minor: Option<i64>,
    /// Visitors without an account can book it, and pay when they do.
    visitors: Option<bool>,
}

#[utoipa::path(post, path = "/v1/resources/{resource_id}/terms", tag = "catalogue", params(("resource_id" = Uuid, Path)), request_body = SetTerms,
    responses((status = 200, description = "They count for bookings made from now on", body = Resource),
        (status = 409, description = "Other parts, while bookings of the whole are ahead")))]
pub async fn set_terms(Id(id): Id, command: Command<SetTerms>) -> CommandAnswer<Resource> {
    let (app, new, id) = (&command.house.app, command.body, ResourceId(id));
    let now = catalogue::read(app, command.caller.tenant).await?.terms_of(id);
    let parts = new.part_ids.map(|ids| ids.into_iter().map(ResourceId).collect());
    let now = NewTerms::from(now);
    let check_in = new
        .check_in_minutes
        .map(|minutes| Some(minutes).filter(|minutes| *minutes != 0));
    let new = NewTerms {
        lead_minutes: new.lead_minutes.unwrap_or(now.lead_minutes),
        horizon_days: new.horizon_days.unwrap_or(now.horizon_days),
        amenities: new.amenities.unwrap_or(now.amenities),
        parts: parts.unwrap_or(now.parts),
        approval: new.approval.unwrap_or(now.approval),
        hold_minutes: new.hold_minutes.unwrap_or(now.hold_minutes),
        check_in_minutes: check_in.unwrap_or(now.check_in_minutes),
        no_show_fee_minor: new.no_show_fee_minor.unwrap_or(now.no_show_fee_minor),
        visitors: new.visitors.unwrap_or(now.visitors),
    };
    let done = resource::set_terms(app, &command.caller, id, new).await?;
    let body = one(app, command.caller.tenant, id).await?;
    Ok(Carried::changed(&done, body))
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PlaceResource {
    /// Left out or null, it stands on no plan.
    position: Option<Position>,
}

#[utoipa::path(post, path = "/v1/resources/{resource_id}/position", tag = "catalogue", params(("resource_id" = Uuid, Path)), request_body = PlaceResource,
    responses((status = 200, description = "It stands there", body = Resource)))]
pub async fn place(Id(id): Id, command: Command<PlaceResource>) -> CommandAnswer<Resource> {
    let (app, id) = (&command.house.app, ResourceId(id));
    let new = command.body.position.map(|position| NewPosition {
        floor_id: FloorId(position.floor_id),
        x_percent: position.x_percent,
        y_percent: position.y_percent,
    });
    let done = resource::place(app, &command.caller, id, new).await.map_err(naming(&[
        ("floor_id", "position.floor_id"),
        ("x_percent", "position.x_percent"),
        ("y_percent", "position.y_percent"),
    ]))?;
    let body = one(app, command.caller.tenant, id).await?;
    Ok(Carried::changed(&done, body))
}
