//! Buildings.

use coterie_app::{
    App, catalogue,
    location::{self, NewClosure},
};
use coterie_domain::{
    ClosureId, LegalEntityId, LocationId,
    catalogue::Catalogue,
    location::{CancellationStep as Step, LocationClosed, LocationOpened, NewLocation},
};
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::{
    command::{Command, Nothing},
    reading::{Id, PageQuery, Reading},
    reply::{Answer, Carried, CommandAnswer, List, naming},
    words::{Address, IN_ADDRESS},
};
use crate::{failure::Failure, json::ApiJson};

#[derive(Debug, Serialize, ToSchema)]
pub struct Location {
    location_id: Uuid,
    legal_entity_id: Uuid,
    name: String,
    address: Address,
    /// IANA zone of its hours, prices, cut-offs and cycles.
    time_zone: String,
    #[schema(example = "Mon-Fri 08:00-20:00; Sat 09:00-18:00")]
    opening_hours: String,
    /// The longest notice that is met counts; below every step the whole price is due.
    cancellation: Vec<CancellationStep>,
    /// What it has: showers, a kitchen.
    amenities: Vec<String>,
}

#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CancellationStep {
    at_least_minutes_before: i64,
    percent_due: u8,
}

impl Location {
    fn of(fact: &LocationOpened, catalogue: &Catalogue) -> Self {
        let steps = fact.cancellation.steps.iter().map(|step| CancellationStep {
            at_least_minutes_before: step.at_least_minutes_before,
            percent_due: step.percent_due,
        });
        Self {
            location_id: fact.location_id.0,
            legal_entity_id: fact.legal_entity_id.0,
            name: fact.name.clone(),
            address: (&fact.address).into(),
            time_zone: fact.time_zone.clone(),
            opening_hours: fact.hours.to_string(),
            cancellation: steps.collect(),
            amenities: catalogue.amenities_of(fact.location_id).to_vec(),
        }
    }
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct OpenLocation {
    /// Who issues its invoices.
    legal_entity_id: Uuid,
    name: String,
    address: Address,
    /// IANA.
    #[schema(example = "Europe/Berlin")]
    time_zone: String,
    #[schema(example = "Mon-Fri 08:00-20:00; Sat 09:00-18:00")]
    opening_hours: String,
}

#[utoipa::path(post, path = "/v1/locations", tag = "catalogue", request_body = OpenLocation,
    responses((status = 201, description = "Opened", body = Location)))]
pub async fn create(command: Command<OpenLocation>) -> CommandAnswer<Location> {
    let (app, new) = (&command.house.app, command.body);
    let entity = LegalEntityId(new.legal_entity_id);
    let new = NewLocation {
        name: new.name,
        street: new.address.street,
        postcode: new.address.postcode,
        city: new.address.city,
        country: new.address.country,
        time_zone: new.time_zone,
        opening_hours: new.opening_hours,
    };
    let done = location::open(app, &command.caller, entity, new)
        .await
        .map_err(naming(&IN_ADDRESS))?;
    let body = one(app, command.caller.tenant, done.outcome).await?;
    Ok(Carried::created(&done, format!("/v1/locations/{}", done.outcome), body))
}

#[utoipa::path(get, path = "/v1/locations", tag = "catalogue", params(PageQuery),
    responses((status = 200, description = "Locations, the oldest first", body = List<Location>)))]
pub async fn list(reading: Reading) -> Answer<List<Location>> {
    reading.settled(&[]).await?;
    let catalogue = catalogue::read(reading.app(), reading.tenant()).await?;
    let known = catalogue.locations.values();
    Ok(List::by_id(
        &reading.page()?,
        known,
        |fact| fact.location_id.0,
        |fact| Location::of(fact, &catalogue),
    ))
}

#[utoipa::path(get, path = "/v1/locations/{location_id}", tag = "catalogue", params(("location_id" = Uuid, Path)),
    responses((status = 200, description = "One location", body = Location)))]
pub async fn show(Id(id): Id, reading: Reading) -> Answer<Location> {
    reading.settled(&[]).await?;
    Ok(ApiJson(one(reading.app(), reading.tenant(), LocationId(id)).await?))
}

async fn one(app: &App, tenant: Uuid, id: LocationId) -> Result<Location, Failure> {
    let catalogue = catalogue::read(app, tenant).await?;
    catalogue
        .locations
        .get(&id)
        .map(|fact| Location::of(fact, &catalogue))
        .ok_or_else(Failure::not_found)
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SetHours {
    #[schema(example = "Mon-Fri 08:00-20:00; Sat 09:00-18:00")]
    opening_hours: String,
}

#[utoipa::path(post, path = "/v1/locations/{location_id}/opening_hours", tag = "catalogue", params(("location_id" = Uuid, Path)), request_body = SetHours,
    responses((status = 200, description = "These hours count from now on; bookings that stand are not touched", body = Location)))]
pub async fn set_hours(Id(id): Id, command: Command<SetHours>) -> CommandAnswer<Location> {
    let (app, id) = (&command.house.app, LocationId(id));
    let done = location::set_hours(app, &command.caller, id, &command.body.opening_hours).await?;
    Ok(Carried::changed(&done, one(app, command.caller.tenant, id).await?))
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SetAmenities {
    amenities: Vec<String>,
}

#[utoipa::path(post, path = "/v1/locations/{location_id}/amenities", tag = "catalogue", params(("location_id" = Uuid, Path)), request_body = SetAmenities,
    responses((status = 200, description = "It has these", body = Location)))]
pub async fn set_amenities(Id(id): Id, command: Command<SetAmenities>) -> CommandAnswer<Location> {
    let (app, id) = (&command.house.app, LocationId(id));
    let done = location::set_amenities(app, &command.caller, id, &command.body.amenities).await?;
    Ok(Carried::changed(&done, one(app, command.caller.tenant, id).await?))
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SetCancellation {
    /// The longest notice that is met counts; below every step the whole price is due.
    cancellation: Vec<CancellationStep>,
}

#[utoipa::path(post, path = "/v1/locations/{location_id}/cancellation", tag = "catalogue", params(("location_id" = Uuid, Path)), request_body = SetCancellation,
    responses((status = 200, description = "These terms count for bookings made from now on", body = Location)))]
pub async fn set_cancellation(Id(id): Id, command: Command<SetCancellation>) -> CommandAnswer<Location> {
    let (app, id) = (&command.house.app, LocationId(id));
    let steps: Vec<Step> = command
        .body
        .cancellation
        .iter()
        .map(|step| Step {
            at_least_minutes_before: step.at_least_minutes_before,
            percent_due: step.percent_due,
        })
        .collect();
    let done = location::set_cancellation(app, &command.caller, id, &steps).await?;
    Ok(Carried::changed(&done, one(app, command.caller.tenant, id).await?))
}

/// Days on which a location is closed whatever its hours say.
#[derive(Debug, Serialize, ToSchema)]
pub struct Closure {
    closure_id: Uuid,
    first_day: Date,
    last_day: Date,
    reason: String,
    /// What the calendar calls it that it came from.
    external_id: Option<String>,
}

impl From<&LocationClosed> for Closure {
    fn from(fact: &LocationClosed) -> Self {
        Self {
            closure_id: fact.closure_id.0,
            first_day: fact.first_day,
            last_day: fact.last_day,
            reason: fact.reason.clone(),
            external_id: fact.external_id.clone(),
        }
    }
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CloseLocation {
    first_day: Date,
    /// The first day alone when it is left out.
    last_day: Option<Date>,
    /// Members read it.
    reason: String,
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ImportClosures {
    /// The text of a calendar file (RFC 5545); its whole-day entries that are not over come in, each once.
    calendar: String,
}

/// What closing came to.
#[derive(Debug, Serialize, ToSchema)]
pub struct ClosedAnswer {
    closures: Vec<Closure>,
    /// Entries that were known already, or are over.
    passed_over: usize,
    /// Bookings that stand on these days. They are not touched, and cancelling them costs nothing.
    bookings: i64,
}

async fn closed(app: &App, tenant: Uuid, id: LocationId, closed: &location::Closed) -> Result<ClosedAnswer, Failure> {
    let catalogue = catalogue::read(app, tenant).await?;
    let new = catalogue
        .closures_of(id)
        .filter(|fact| closed.closures.contains(&fact.closure_id));
    Ok(ClosedAnswer {
        closures: new.map(Closure::from).collect(),
        passed_over: closed.passed_over,
        bookings: closed.bookings,
    })
}

#[utoipa::path(get, path = "/v1/locations/{location_id}/closures", tag = "catalogue", params(("location_id" = Uuid, Path)),
    responses((status = 200, description = "Closures that were not lifted, by first day", body = List<Closure>)))]
pub async fn closures(Id(id): Id, reading: Reading) -> Answer<List<Closure>> {
    reading.settled(&[]).await?;
    let catalogue = catalogue::read(reading.app(), reading.tenant()).await?;
    let id = catalogue.location(LocationId(id))?.location_id;
    Ok(List::whole(catalogue.closures_of(id).map(Closure::from).collect()))
}

#[utoipa::path(post, path = "/v1/locations/{location_id}/closures", tag = "catalogue", params(("location_id" = Uuid, Path)), request_body = CloseLocation,
    responses((status = 201, description = "Closed on these days", body = ClosedAnswer)))]
pub async fn close(Id(id): Id, command: Command<CloseLocation>) -> CommandAnswer<ClosedAnswer> {
    let (app, id, new) = (&command.house.app, LocationId(id), command.body);
    let new = NewClosure {
        first_day: new.first_day,
        last_day: new.last_day.unwrap_or(new.first_day),
        reason: new.reason,
        external_id: None,
    };
    let done = location::close(app, &command.caller, id, new).await?;
    let body = closed(app, command.caller.tenant, id, &done.outcome).await?;
    Ok(Carried::created(&done, format!("/v1/locations/{id}/closures"), body))
}

#[utoipa::path(post, path = "/v1/locations/{location_id}/closures/import", tag = "catalogue", params(("location_id" = Uuid, Path)), request_body = ImportClosures,
    responses((status = 200, description = "Closed on the days of the calendar", body = ClosedAnswer)))]
pub async fn import_closures(Id(id): Id, command: Command<ImportClosures>) -> CommandAnswer<ClosedAnswer> {
    let (app, id) = (&command.house.app, LocationId(id));
    let done = location::import_closures(app, &command.caller, id, &command.body.calendar).await?;
    let body = closed(app, command.caller.tenant, id, &done.outcome).await?;
    Ok(Carried::changed(&done, body))
}

#[utoipa::path(post, path = "/v1/locations/{location_id}/closures/{closure_id}/lift", tag = "catalogue",
    params(("location_id" = Uuid, Path), ("closure_id" = Uuid, Path)), request_body = Nothing,
    responses((status = 200, description = "Open on those days again", body = Location)))]
pub async fn lift_closure(Id((id, closure)): Id<(Uuid, Uuid)>, command: Command<Nothing>) -> CommandAnswer<Location> {
    let (app, id) = (&command.house.app, LocationId(id));
    let done = location::lift_closure(app, &command.caller, id, ClosureId(closure)).await?;
    Ok(Carried::changed(&done, one(app, command.caller.tenant, id).await?))
}
