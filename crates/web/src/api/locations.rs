//! Buildings.

use coterie_app::{App, catalogue, location};
use coterie_domain::{
    LegalEntityId, LocationId,
    location::{LocationOpened, NewLocation},
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::{
    command::Command,
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
}

#[derive(Debug, Serialize, ToSchema)]
pub struct CancellationStep {
    at_least_minutes_before: i64,
    percent_due: u8,
}

impl From<&LocationOpened> for Location {
    fn from(fact: &LocationOpened) -> Self {
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
        Location::from,
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
        .map(Location::from)
        .ok_or_else(Failure::not_found)
}
