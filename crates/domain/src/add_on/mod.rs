//! Something that goes beside a plan, cycle by cycle: a locker, mail handling, printing at a flat price. Its price is of a cycle and
//! never changes; another price is another add-on.

use crate::{
    AddOnId, LegalEntityId, Money,
    catalogue::Catalogue,
    event::domain_events,
    money::MAX_AMOUNT_MINOR,
    period::CycleLength,
    refusal::{Faults, Refusal},
    tax::told_net,
    text,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

domain_events!(
    /// What happened to an add-on; that a membership has it is the membership's event.
    AddOnEvent, "add_on", { AddOnDefined = 2 [1 => told_net], AddOnWithdrawn = 1 }
);

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct AddOnDefined {
    pub add_on_id: AddOnId,
    pub legal_entity_id: LegalEntityId,
    pub name: String,
    /// Of one of it for a cycle.
    pub price: Money,
    /// Whether the price is told with the tax in it. Version 1 was told net.
    pub tax_included: bool,
    /// The cycle that the price is of: it goes with plans that are paid by it.
    pub length: CycleLength,
    pub tax_category: String,
    /// Whether members add and remove it themselves.
    pub self_service: bool,
}

/// Nobody adds it any more; memberships that have it keep it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct AddOnWithdrawn {
    pub add_on_id: AddOnId,
}

/// An add-on as the catalogue knows it.
#[derive(Debug, Clone, PartialEq)]
pub struct AddOn {
    pub fact: AddOnDefined,
    pub withdrawn: bool,
}

/// What an add-on is to be.
#[derive(Debug, Clone, PartialEq)]
pub struct NewAddOn {
    pub legal_entity_id: LegalEntityId,
    pub name: String,
    pub price: Money,
    /// Whether the price has the tax in it.
    pub tax_included: bool,
    pub length: CycleLength,
    pub tax_category: String,
    pub self_service: bool,
}

/// # Errors
/// All faulty fields at once; another currency than the company's; a name that another add-on on offer has.
pub fn define(id: AddOnId, new: &NewAddOn, catalogue: &Catalogue) -> Result<AddOnDefined, Refusal> {
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
    let taken = catalogue.add_ons.values().any(|other| {
        !other.withdrawn
            && other.fact.legal_entity_id == new.legal_entity_id
            && other.fact.length == new.length
            && other.fact.name.to_lowercase() == name.to_lowercase()
    });
    faults.check(
        !taken || name.is_empty(),
        "name",
        "There is an add-on of this name already; withdraw it first.",
    );
    faults.finish()?;
    Ok(AddOnDefined {
        add_on_id: id,
        legal_entity_id: new.legal_entity_id,
        name,
        price: new.price,
        tax_included: new.tax_included,
        length: new.length,
        tax_category,
        self_service: new.self_service,
    })
}

/// # Errors
/// An unknown add-on, or one that is withdrawn already.
pub fn withdraw(id: AddOnId, catalogue: &Catalogue) -> Result<AddOnWithdrawn, Refusal> {
    if catalogue.add_on(id)?.withdrawn {
        return Err(Refusal::conflict(
            "already_withdrawn",
            "This add-on is withdrawn already.",
        ));
    }
    Ok(AddOnWithdrawn { add_on_id: id })
}
