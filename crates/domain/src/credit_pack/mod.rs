//! A pack of credits that members buy: ten hours of meeting room, five day passes. Its price never changes; another price is
//! another pack. What is bought of it is a lot (`credit`), which no plan grants and no plan takes away.
//!
//! It is a single-purpose voucher (art. 30a (2) of directive 2006/112/EC): where it is used and how that is taxed is known when it
//! is sold, so its VAT is due then and its use is no supply of its own (art. 30b (1)). For that to be so it is of one country and one
//! tax category, and pays for nothing else. A pack of money would not be: it is taxed only where it is spent, and is not sold.

mod buy;
mod valid_for;

pub use buy::*;
pub use valid_for::*;

use crate::{
    CreditPackId, LegalEntityId, Money,
    catalogue::Catalogue,
    credit::Holds,
    event::domain_events,
    location::LocationOpened,
    money::MAX_AMOUNT_MINOR,
    refusal::{Faults, Refusal},
    text,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// The most minutes of one pack: a thousand hours.
pub const MAX_PACK_MINUTES: i64 = 60_000;
/// The most day passes of one pack.
pub const MAX_PACK_PASSES: i64 = 1_000;

domain_events!(
    /// What happened to a pack; that somebody bought it is an event of the lot.
    CreditPackEvent, "credit_pack", { CreditPackDefined = 1, CreditPackWithdrawn = 1 }
);

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct CreditPackDefined {
    pub credit_pack_id: CreditPackId,
    pub legal_entity_id: LegalEntityId,
    pub name: String,
    pub holds: Holds,
    /// Minutes or passes.
    pub amount: i64,
    /// Net, of the whole pack.
    pub price: Money,
    pub tax_category: String,
    /// Where it can be used, so that its VAT is known when it is sold: ISO 3166.
    pub country: String,
    pub valid_for: ValidFor,
    /// Whether members buy it themselves.
    pub self_service: bool,
}

/// Nobody buys it any more; what was bought stays.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct CreditPackWithdrawn {
    pub credit_pack_id: CreditPackId,
}

/// A pack as the catalogue knows it.
#[derive(Debug, Clone, PartialEq)]
pub struct CreditPack {
    pub fact: CreditPackDefined,
    pub withdrawn: bool,
}

impl CreditPack {
    /// Whether it pays for something of a tax category at a location: another company would be out of pocket, and another tax
    /// than the one it was sold with would be due.
    pub fn pays_at(&self, location: &LocationOpened, tax_category: &str) -> bool {
        self.fact.legal_entity_id == location.legal_entity_id
            && self.fact.country == location.address.country
            && self.fact.tax_category == tax_category
    }
}

/// What a pack is to be.
#[derive(Debug, Clone, PartialEq)]
pub struct NewCreditPack {
    pub legal_entity_id: LegalEntityId,
    pub name: String,
    pub holds: Holds,
    /// Minutes or passes.
    pub amount: i64,
    pub price: Money,
    pub tax_category: String,
    pub valid_for: ValidFor,
    pub self_service: bool,
}

/// # Errors
/// All faulty fields at once; another currency than the company's; money; houses in several countries or in none; a name that another
/// pack on offer has.
pub fn define(id: CreditPackId, new: &NewCreditPack, catalogue: &Catalogue) -> Result<CreditPackDefined, Refusal> {
    let entity = catalogue.legal_entity(new.legal_entity_id)?;
    entity.check_currency("price", new.price.currency)?;
    let mut faults = Faults::default();
    let name = text::name(&new.name)
        .map_err(|message| faults.add("name", message))
        .unwrap_or_default();
    let tax_category = text::name(&new.tax_category)
        .map_err(|message| faults.add("tax_category", message))
        .unwrap_or_default()
        .to_lowercase();
    faults.check(
        (1..=MAX_AMOUNT_MINOR).contains(&new.price.minor),
        "price",
        "Please give a price above nothing.",
    );
    match new.holds {
        Holds::Minutes { resource_type_id } => {
            let kind = catalogue.resource_type(resource_type_id)?;
            faults.check(
                (1..=MAX_PACK_MINUTES).contains(&new.amount),
                "amount",
                format!("Please give between a minute and {} hours.", MAX_PACK_MINUTES / 60),
            );
            // Else the pack would be sold with one tax and pay for what bears another.
            faults.check(
                tax_category.is_empty() || kind.tax_category == tax_category,
                "tax_category",
                format!(
                    "{} is taxed as {}, and so are hours of it.",
                    kind.name, kind.tax_category
                ),
            );
        }
        Holds::DayPasses => faults.check(
            (1..=MAX_PACK_PASSES).contains(&new.amount),
            "amount",
            format!("Please give between 1 and {MAX_PACK_PASSES} day passes."),
        ),
        Holds::Money { .. } => faults.add(
            "holds",
            "A pack is of hours or of day passes; money is taxed where it is spent, and is not sold.".to_owned(),
        ),
    }
    faults.check(new.valid_for.in_bounds(), "valid_for", ValidFor::HINT);
    let countries: BTreeSet<&str> = catalogue
        .locations
        .values()
        .filter(|place| place.legal_entity_id == new.legal_entity_id)
        .map(|place| place.address.country.as_str())
        .collect();
    faults.check(
        countries.len() == 1,
        "legal_entity_id",
        if countries.is_empty() {
            format!("{} has no house yet in which a pack could be used.", entity.fact.name)
        } else {
            format!(
                "{} has houses in several countries. The VAT of a pack is due when it is sold, so it must be known where it is used.",
                entity.fact.name
            )
        },
    );
    let taken = catalogue.credit_packs.values().any(|other| {
        !other.withdrawn
            && other.fact.legal_entity_id == new.legal_entity_id
            && other.fact.name.to_lowercase() == name.to_lowercase()
    });
    faults.check(
        !taken || name.is_empty(),
        "name",
        "There is a pack of this name already; withdraw it first.",
    );
    faults.finish()?;
    Ok(CreditPackDefined {
        credit_pack_id: id,
        legal_entity_id: new.legal_entity_id,
        name,
        holds: new.holds,
        amount: new.amount,
        price: new.price,
        tax_category,
        country: countries.into_iter().next().unwrap_or_default().to_owned(),
        valid_for: new.valid_for,
        self_service: new.self_service,
    })
}

/// # Errors
/// An unknown pack, or one that is withdrawn already.
pub fn withdraw(id: CreditPackId, catalogue: &Catalogue) -> Result<CreditPackWithdrawn, Refusal> {
    if catalogue.credit_pack(id)?.withdrawn {
        return Err(Refusal::conflict(
            "already_withdrawn",
            "This pack is withdrawn already.",
        ));
    }
    Ok(CreditPackWithdrawn { credit_pack_id: id })
}

#[cfg(test)]
mod tests;
