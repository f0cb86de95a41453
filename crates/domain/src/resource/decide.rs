use super::{PriceRulePublished, ResourceAdded, ResourceTypeCreated};
use crate::{
    LocationId, Money, PriceRuleId, ResourceId, ResourceTypeId,
    catalogue::Catalogue,
    money::MAX_AMOUNT_MINOR,
    refusal::{Faults, Refusal},
    text,
};

/// # Errors
/// All faulty fields at once; a name that is already used.
pub fn create_type(
    id: ResourceTypeId,
    name: &str,
    tax_category: &str,
    catalogue: &Catalogue,
) -> Result<ResourceTypeCreated, Refusal> {
    let mut faults = Faults::default();
    let name = text::name(name)
        .map_err(|message| faults.add("name", message))
        .unwrap_or_default();
    let tax_category = text::name(tax_category)
        .map_err(|message| faults.add("tax_category", message))
        .unwrap_or_default()
        .to_lowercase();
    faults.check(
        !catalogue.resource_types.values().any(|other| other.name == name),
        "name",
        "There is already a type with this name.",
    );
    faults.finish()?;
    Ok(ResourceTypeCreated {
        resource_type_id: id,
        name,
        tax_category,
    })
}

/// What an operator says of a new resource, unchecked. Minutes throughout.
#[derive(Debug, Clone)]
pub struct NewResource {
    pub name: String,
    pub capacity: i32,
    pub buffer_before_minutes: i32,
    pub buffer_after_minutes: i32,
    pub min_minutes: i32,
    pub max_minutes: i32,
    pub step_minutes: i32,
}

impl Default for NewResource {
    fn default() -> Self {
        Self {
            name: String::new(),
            capacity: 1,
            buffer_before_minutes: 0,
            buffer_after_minutes: 0,
            min_minutes: 30,
            max_minutes: 24 * 60,
            step_minutes: 30,
        }
    }
}

/// # Errors
/// Unknown type or location, or all faulty fields at once.
pub fn add(
    id: ResourceId,
    resource_type: ResourceTypeId,
    location: LocationId,
    new: &NewResource,
    catalogue: &Catalogue,
) -> Result<ResourceAdded, Refusal> {
    catalogue.resource_type(resource_type)?;
    catalogue.location(location)?;
    let mut faults = Faults::default();
    let name = text::name(&new.name)
        .map_err(|message| faults.add("name", message))
        .unwrap_or_default();
    faults.check(
        (1..=10_000).contains(&new.capacity),
        "capacity",
        "Please give a capacity of at least 1.",
    );
    faults.check(
        (0..=240).contains(&new.buffer_before_minutes),
        "buffer_before_minutes",
        "Please give 0 to 240 minutes.",
    );
    faults.check(
        (0..=240).contains(&new.buffer_after_minutes),
        "buffer_after_minutes",
        "Please give 0 to 240 minutes.",
    );
    faults.check(
        [5, 10, 15, 30, 60].contains(&new.step_minutes),
        "step_minutes",
        "Please choose a step of 5, 10, 15, 30 or 60 minutes.",
    );
    faults.check(
        new.min_minutes >= 5 && new.min_minutes <= new.max_minutes,
        "min_minutes",
        "The shortest booking must not exceed the longest.",
    );
    faults.check(
        new.max_minutes <= 24 * 60,
        "max_minutes",
        "A booking ends within 24 hours.",
    );
    faults.check(
        !catalogue
            .resources
            .values()
            .any(|other| other.location_id == location && other.name == name),
        "name",
        "This location already has a resource with this name.",
    );
    faults.finish()?;
    Ok(ResourceAdded {
        resource_id: id,
        resource_type_id: resource_type,
        location_id: location,
        name,
        capacity: new.capacity,
        buffer_before_minutes: new.buffer_before_minutes,
        buffer_after_minutes: new.buffer_after_minutes,
        min_minutes: new.min_minutes,
        max_minutes: new.max_minutes,
        step_minutes: new.step_minutes,
    })
}

/// # Errors
/// Unknown type or location; a currency that is not the entity's; an amount out of range.
pub fn publish_price(
    id: PriceRuleId,
    resource_type: ResourceTypeId,
    location: Option<LocationId>,
    per_hour: Money,
    day_cap: Option<Money>,
    catalogue: &Catalogue,
) -> Result<PriceRulePublished, Refusal> {
    catalogue.resource_type(resource_type)?;
    match location {
        Some(location) => {
            let entity = catalogue.legal_entity(catalogue.location(location)?.legal_entity_id)?;
            entity.check_currency("currency", per_hour.currency)?;
        }
        None if catalogue
            .legal_entities
            .values()
            .any(|entity| entity.fact.currency == per_hour.currency) => {}
        None => {
            return Err(Refusal::field(
                "currency_not_the_entitys",
                "currency",
                format!("None of your legal entities uses {}.", per_hour.currency),
            ));
        }
    }
    let mut faults = Faults::default();
    faults.check(
        (0..=MAX_AMOUNT_MINOR).contains(&per_hour.minor),
        "per_hour",
        "Please give a price of zero or more.",
    );
    faults.check(
        day_cap.is_none_or(|cap| {
            cap.currency == per_hour.currency && (per_hour.minor..=MAX_AMOUNT_MINOR).contains(&cap.minor)
        }),
        "day_cap",
        "The day cap must be at least the price of one hour.",
    );
    faults.finish()?;
    Ok(PriceRulePublished {
        price_rule_id: id,
        resource_type_id: resource_type,
        location_id: location,
        per_hour,
        day_cap,
    })
}
