//! What a location sells of day passes.

use super::DayPassesSet;
use crate::{
    LocationId, Money,
    catalogue::Catalogue,
    money::MAX_AMOUNT_MINOR,
    refusal::{Faults, Refusal},
    text,
};

const MAX_CAPACITY: i32 = 10_000;
const MAX_HORIZON_DAYS: i32 = 400;

/// What an operator says of a location's day passes, unchecked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewDayPasses {
    pub price: Money,
    /// Whether the price has the tax in it.
    pub tax_included: bool,
    pub capacity: i32,
    pub tax_category: String,
    pub horizon_days: i32,
}

/// Sets what a location sells of day passes from now on.
///
/// # Errors
/// An unknown location, another currency than its legal entity's, or all faulty fields at once.
pub fn set_day_passes(id: LocationId, new: &NewDayPasses, catalogue: &Catalogue) -> Result<DayPassesSet, Refusal> {
    let location = catalogue.location(id)?;
    let entity = catalogue.legal_entity(location.legal_entity_id)?;
    entity.check_currency("price", new.price.currency)?;
    let mut faults = Faults::default();
    faults.check(
        (0..=MAX_AMOUNT_MINOR).contains(&new.price.minor),
        "price",
        "Please give a price of 0 or more.",
    );
    faults.check(
        (0..=MAX_CAPACITY).contains(&new.capacity),
        "capacity",
        format!("Please give 0 to {MAX_CAPACITY} passes a day."),
    );
    let tax_category = text::name(&new.tax_category)
        .map_err(|message| faults.add("tax_category", message))
        .unwrap_or_default()
        .to_lowercase();
    faults.check(
        (0..=MAX_HORIZON_DAYS).contains(&new.horizon_days),
        "horizon_days",
        format!("Please give 0 to {MAX_HORIZON_DAYS} days."),
    );
    faults.finish()?;
    Ok(DayPassesSet {
        location_id: id,
        price: new.price,
        tax_included: new.tax_included,
        capacity: new.capacity,
        tax_category,
        horizon_days: new.horizon_days,
    })
}
