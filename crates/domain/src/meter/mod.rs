//! Something that is counted and charged by the piece: pages printed, hours of access. Its price may be below a minor unit.

use crate::{
    Currency, LegalEntityId, MeterId, Money,
    catalogue::Catalogue,
    event::domain_events,
    refusal::{Faults, Refusal},
    text,
};
use rust_decimal::{Decimal, prelude::ToPrimitive};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

domain_events!(
    /// What happened to a meter.
    MeterEvent, "meter", { MeterDefined = 1 }
);

/// Digits after the point that a price may have.
const PRICE_DIGITS: u32 = 8;

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct MeterDefined {
    pub meter_id: MeterId,
    pub legal_entity_id: LegalEntityId,
    pub name: String,
    /// What one of it is called: `page`, `hour`.
    pub unit: String,
    /// Net, of one unit, in whole units of the currency: 0.035 is three and a half cents.
    pub price: Decimal,
    pub currency: Currency,
    pub tax_category: String,
}

/// A price as a document can show it: whole minor units for so many of the unit (EN 16931 BT-146 and BT-149).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Shown {
    pub price: Money,
    /// A power of ten.
    pub per: i64,
}

impl MeterDefined {
    /// The price of one unit in minor units, parts of one included.
    pub fn price_minor(&self) -> Decimal {
        self.price * Decimal::from(10_i64.pow(self.currency.digits()))
    }

    /// The smallest power of ten of the unit whose price is whole minor units.
    pub fn shown(&self) -> Shown {
        let (mut price, mut per) = (self.price_minor(), 1_i64);
        while !price.fract().is_zero() {
            price *= Decimal::TEN;
            per *= 10;
        }
        Shown {
            price: Money::new(price.to_i64().unwrap_or(i64::MAX), self.currency),
            per,
        }
    }
}

/// What a meter is to be.
#[derive(Debug, Clone, PartialEq)]
pub struct NewMeter {
    pub legal_entity_id: LegalEntityId,
    pub name: String,
    pub unit: String,
    /// A decimal text.
    pub price: String,
    pub tax_category: String,
}

/// # Errors
/// All faulty fields at once; a name that another meter of the company has.
pub fn define(id: MeterId, new: &NewMeter, catalogue: &Catalogue) -> Result<MeterDefined, Refusal> {
    let entity = &catalogue.legal_entity(new.legal_entity_id)?.fact;
    let mut faults = Faults::default();
    let mut named = |field: &str, text: &str| {
        text::name(text)
            .map_err(|message| faults.add(field, message))
            .unwrap_or_default()
    };
    let name = named("name", &new.name);
    let unit = named("unit", &new.unit);
    let tax_category = named("tax_category", &new.tax_category).to_lowercase();
    let price = Decimal::from_str_exact(new.price.trim())
        .ok()
        .filter(|_| !new.price.contains('_'))
        .map(|price| price.normalize());
    let fits =
        |price: Decimal| price > Decimal::ZERO && price.scale() <= PRICE_DIGITS && price <= Decimal::from(1_000_000);
    faults.check(
        price.is_some_and(fits),
        "price",
        "Write the price of one, such as 0.035, above nothing and with at most eight digits after the point.",
    );
    let taken = catalogue
        .meters
        .values()
        .any(|meter| meter.name.to_lowercase() == name.to_lowercase());
    faults.check(
        !taken || name.is_empty(),
        "name",
        "There is a meter of this name already.",
    );
    faults.finish()?;
    Ok(MeterDefined {
        meter_id: id,
        legal_entity_id: entity.legal_entity_id,
        name,
        unit,
        price: price.unwrap_or_default(),
        currency: entity.currency,
        tax_category,
    })
}

#[cfg(test)]
mod tests;
