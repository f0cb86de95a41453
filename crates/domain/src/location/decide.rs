use super::{CancellationPolicy, LocationOpened};
use crate::{
    LegalEntityId, LocationId,
    catalogue::Catalogue,
    legal_entity::Address,
    local_time::{self, OpeningHours},
    refusal::{Faults, Refusal},
    text,
};

/// What an operator says of a new location, unchecked.
#[derive(Debug, Clone, Default)]
pub struct NewLocation {
    pub name: String,
    pub street: String,
    pub postcode: String,
    pub city: String,
    pub country: String,
    pub time_zone: String,
    /// E.g. "Mon-Fri 08:00-20:00; Sat 09:00-18:00".
    pub opening_hours: String,
}

/// # Errors
/// An unknown legal entity, or all faulty fields at once.
pub fn open(
    id: LocationId,
    entity: LegalEntityId,
    new: &NewLocation,
    catalogue: &Catalogue,
) -> Result<LocationOpened, Refusal> {
    catalogue.legal_entity(entity)?;
    let mut faults = Faults::default();
    let name = text::name(&new.name)
        .map_err(|message| faults.add("name", message))
        .unwrap_or_default();
    let street = text::name(&new.street)
        .map_err(|message| faults.add("street", message))
        .unwrap_or_default();
    let city = text::name(&new.city)
        .map_err(|message| faults.add("city", message))
        .unwrap_or_default();
    let country = text::country(&new.country)
        .map_err(|message| faults.add("country", message))
        .unwrap_or_default();
    if let Err(refusal) = local_time::zone(&new.time_zone) {
        faults.add("time_zone", refusal.sentence);
    }
    let hours = OpeningHours::parse(&new.opening_hours)
        .map_err(|message| faults.add("opening_hours", message))
        .unwrap_or_default();
    faults.finish()?;
    Ok(LocationOpened {
        location_id: id,
        legal_entity_id: entity,
        name,
        address: Address {
            street,
            postcode: new.postcode.trim().to_owned(),
            city,
            country,
        },
        time_zone: new.time_zone.trim().to_owned(),
        hours,
        cancellation: CancellationPolicy::default(),
    })
}
