use super::{Floor, FloorAdded, FloorPlanSet, FloorRenamed};
use crate::{
    FloorId, LocationId,
    catalogue::Catalogue,
    refusal::{Faults, Refusal},
    resource::{Position, ResourceAdded},
    text,
};

const LEVELS: std::ops::RangeInclusive<i32> = -20..=200;
/// The most floors that one location has.
const MAX_FLOORS: usize = 250;

/// What an operator says of a floor, unchecked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewFloor {
    pub name: String,
    pub level: i32,
}

/// # Errors
/// An unknown location, or all faulty fields at once.
pub fn add(id: FloorId, location: LocationId, new: &NewFloor, catalogue: &Catalogue) -> Result<FloorAdded, Refusal> {
    catalogue.location(location)?;
    let (name, level) = checked(id, location, new, catalogue)?;
    Ok(FloorAdded {
        floor_id: id,
        location_id: location,
        name,
        level,
    })
}

/// # Errors
/// An unknown floor, or all faulty fields at once.
pub fn rename(id: FloorId, new: &NewFloor, catalogue: &Catalogue) -> Result<FloorRenamed, Refusal> {
    let location = catalogue.floor(id)?.fact.location_id;
    let (name, level) = checked(id, location, new, catalogue)?;
    Ok(FloorRenamed {
        floor_id: id,
        name,
        level,
    })
}

fn checked(id: FloorId, location: LocationId, new: &NewFloor, catalogue: &Catalogue) -> Result<(String, i32), Refusal> {
    let mut faults = Faults::default();
    let name = text::name(&new.name)
        .map_err(|message| faults.add("name", message))
        .unwrap_or_default();
    let others: Vec<&Floor> = catalogue
        .floors_of(location)
        .into_iter()
        .filter(|other| other.fact.floor_id != id)
        .collect();
    faults.check(
        others.iter().all(|other| other.fact.name != name),
        "name",
        "This house has a floor of that name.",
    );
    faults.check(
        others.len() < MAX_FLOORS,
        "name",
        format!("A house has {MAX_FLOORS} floors at most."),
    );
    faults.check(
        LEVELS.contains(&new.level),
        "level",
        format!("Please give {} to {}.", LEVELS.start(), LEVELS.end()),
    );
    faults.finish()?;
    Ok((name, new.level))
}

/// # Errors
/// An unknown floor.
pub fn set_plan(
    id: FloorId,
    sha256: &str,
    height_per_mille: i32,
    catalogue: &Catalogue,
) -> Result<FloorPlanSet, Refusal> {
    catalogue.floor(id)?;
    Ok(FloorPlanSet {
        floor_id: id,
        sha256: sha256.to_owned(),
        height_per_mille,
    })
}

impl Catalogue {
    /// # Errors
    /// When the organization has no such floor.
    pub fn floor(&self, id: FloorId) -> Result<&Floor, Refusal> {
        self.floors.get(&id).ok_or_else(|| {
            Refusal::not_found("unknown_floor", "There is no such floor.").on("floor_id", "There is no such floor.")
        })
    }

    /// What stands on a floor, by name.
    pub fn standing_on(&self, floor: FloorId) -> Vec<(&ResourceAdded, &Position)> {
        let mut standing: Vec<_> = self
            .positions
            .iter()
            .filter(|(_, position)| position.floor_id == floor)
            .filter_map(|(id, position)| Some((self.resources.get(id)?, position)))
            .collect();
        standing.sort_by(|(a, _), (b, _)| (&a.name, a.resource_id).cmp(&(&b.name, b.resource_id)));
        standing
    }

    /// The floors of a location from the lowest one up.
    pub fn floors_of(&self, location: LocationId) -> Vec<&Floor> {
        let mut floors: Vec<_> = self
            .floors
            .values()
            .filter(|floor| floor.fact.location_id == location)
            .collect();
        floors.sort_by(|a, b| (a.fact.level, &a.fact.name).cmp(&(b.fact.level, &b.fact.name)));
        floors
    }
}
