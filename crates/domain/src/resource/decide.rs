use super::{Conditions, PriceRulePublished, ResourceAdded, ResourceTypeCreated};
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

/// What an operator says of a new price, unchecked.
#[derive(Debug, Clone, PartialEq)]
pub struct NewPriceRule {
    pub resource_type_id: ResourceTypeId,
    /// Wherever its currency is used, without one.
    pub location_id: Option<LocationId>,
    pub per_hour: Money,
    pub half_day: Option<Money>,
    pub day_cap: Option<Money>,
    pub minimum: Option<Money>,
    /// Whether all of these have the tax in them.
    pub tax_included: bool,
    /// All of these are for each of those who come.
    pub per_seat: bool,
    pub conditions: Conditions,
}

impl NewPriceRule {
    /// By the hour, everywhere, always.
    pub fn by_the_hour(resource_type_id: ResourceTypeId, per_hour: Money) -> Self {
        Self {
            resource_type_id,
            location_id: None,
            per_hour,
            half_day: None,
            day_cap: None,
            minimum: None,
            tax_included: false,
            per_seat: false,
            conditions: Conditions::default(),
        }
    }
}

/// # Errors
/// Unknown type or location; a currency that is not the entity's; amounts out of range; conditions that contradict.
pub fn publish_price(
    id: PriceRuleId,
    new: &NewPriceRule,
    catalogue: &Catalogue,
) -> Result<PriceRulePublished, Refusal> {
    let per_hour = new.per_hour;
    catalogue.resource_type(new.resource_type_id)?;
    match new.location_id {
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
    let rule = PriceRulePublished {
        price_rule_id: id,
        resource_type_id: new.resource_type_id,
        location_id: new.location_id,
        per_hour,
        half_day: new.half_day,
        day_cap: new.day_cap,
        minimum: new.minimum,
        tax_included: new.tax_included,
        per_seat: new.per_seat,
        conditions: new.conditions.clone(),
    };
    let mut faults = Faults::default();
    faults.check(
        (0..=MAX_AMOUNT_MINOR).contains(&per_hour.minor),
        "per_hour",
        "Please give a price of zero or more.",
    );
    let at_least_an_hour = |amount: Option<Money>| {
        amount.is_none_or(|amount| {
            amount.currency == per_hour.currency && (per_hour.minor..=MAX_AMOUNT_MINOR).contains(&amount.minor)
        })
    };
    faults.check(
        at_least_an_hour(new.half_day),
        "half_day",
        "A half day must cost at least the price of one hour.",
    );
    faults.check(
        at_least_an_hour(new.day_cap),
        "day_cap",
        "The day cap must be at least the price of one hour.",
    );
    faults.check(
        new.minimum.is_none_or(|minimum| {
            minimum.currency == per_hour.currency
                && minimum.minor >= 0
                && new.day_cap.is_none_or(|cap| minimum.minor <= cap.minor)
                && minimum.minor <= MAX_AMOUNT_MINOR
        }),
        "minimum",
        "The least that is charged must not exceed the day cap.",
    );
    rule.conditions.check(&rule, catalogue, &mut faults);
    faults.finish()?;
    Ok(rule)
}
