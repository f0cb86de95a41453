use super::{
    CancellationPolicy, CancellationPolicySet, CancellationStep, LocationAmenitiesSet, LocationOpened, OpeningHoursSet,
};
use crate::{
    LegalEntityId, LocationId,
    catalogue::Catalogue,
    legal_entity::Address,
    local_time::{self, OpeningHours},
    refusal::{Faults, Refusal},
    resource, text,
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

/// Sets the hours from now on.
///
/// # Errors
/// An unknown location, or hours that cannot be read.
pub fn set_hours(id: LocationId, hours: &str, catalogue: &Catalogue) -> Result<OpeningHoursSet, Refusal> {
    catalogue.location(id)?;
    let hours = OpeningHours::parse(hours).map_err(|message| Refusal::field("invalid", "opening_hours", message))?;
    Ok(OpeningHoursSet { location_id: id, hours })
}

/// Says what a location has.
///
/// # Errors
/// An unknown location; too many words, or one that is none.
pub fn set_amenities(
    id: LocationId,
    amenities: &[String],
    catalogue: &Catalogue,
) -> Result<LocationAmenitiesSet, Refusal> {
    catalogue.location(id)?;
    let mut faults = Faults::default();
    let amenities = resource::amenities(amenities, &mut faults);
    faults.finish()?;
    Ok(LocationAmenitiesSet {
        location_id: id,
        amenities,
    })
}

/// The most steps that a policy has.
const MAX_STEPS: usize = 6;

/// Sets what cancelling costs of bookings made from now on. Steps come as (minutes before the start, percent still due).
///
/// # Errors
/// An unknown location; a percentage over 100, two steps for one notice, or less notice that costs less.
pub fn set_cancellation(
    id: LocationId,
    steps: &[CancellationStep],
    catalogue: &Catalogue,
) -> Result<CancellationPolicySet, Refusal> {
    catalogue.location(id)?;
    let mut steps = steps.to_vec();
    steps.sort_by_key(|step| std::cmp::Reverse(step.at_least_minutes_before));
    let mut faults = Faults::default();
    faults.check(
        steps.len() <= MAX_STEPS,
        "cancellation",
        format!("Please give at most {MAX_STEPS} steps."),
    );
    faults.check(
        steps
            .iter()
            .all(|step| (0..=366 * 24 * 60).contains(&step.at_least_minutes_before)),
        "cancellation",
        "Notice is between none and a year.",
    );
    faults.check(
        steps.iter().all(|step| step.percent_due <= 100),
        "cancellation",
        "At most 100 % of the price stays due.",
    );
    faults.check(
        steps
            .windows(2)
            .all(|pair| pair[0].at_least_minutes_before != pair[1].at_least_minutes_before),
        "cancellation",
        "Please name each length of notice once.",
    );
    faults.check(
        steps.windows(2).all(|pair| pair[0].percent_due <= pair[1].percent_due),
        "cancellation",
        "Less notice must not cost less.",
    );
    faults.finish()?;
    Ok(CancellationPolicySet {
        location_id: id,
        policy: CancellationPolicy { steps },
    })
}
