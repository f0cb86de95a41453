//! What selects and suggestions offer, from the catalogue.

use coterie_domain::{
    Currency, LegalEntityId, catalogue::Catalogue, legal_entity::LegalEntityCreated, location::LocationOpened,
    resource::ResourceTypeCreated,
};
use std::collections::BTreeSet;

use super::form::Suggestions;
use crate::components::{Choice, Field, Select};

/// Categories that are suggested before any is used.
const COMMON_CATEGORIES: [&str; 2] = ["standard", "reduced"];

/// Legal entities by name.
pub(super) fn entities(catalogue: &Catalogue) -> Vec<&LegalEntityCreated> {
    let mut entities: Vec<_> = catalogue.legal_entities.values().map(|entity| &entity.fact).collect();
    entities.sort_by(|a, b| a.name.cmp(&b.name));
    entities
}

/// Locations by name.
pub(super) fn locations(catalogue: &Catalogue) -> Vec<&LocationOpened> {
    let mut locations: Vec<_> = catalogue.locations.values().collect();
    locations.sort_by(|a, b| a.name.cmp(&b.name));
    locations
}

/// Resource types by name.
pub(super) fn types(catalogue: &Catalogue) -> Vec<&ResourceTypeCreated> {
    let mut types: Vec<_> = catalogue.resource_types.values().collect();
    types.sort_by(|a, b| a.name.cmp(&b.name));
    types
}

/// A select whose only choice is chosen already.
fn select(name: &'static str, label: &str, choices: Vec<(String, String)>) -> Select {
    let only = match choices.as_slice() {
        [(value, _)] => value.clone(),
        _ => String::new(),
    };
    let choices = choices.into_iter().map(|(value, label)| Choice::new(value, label));
    Select::new(name, label, choices).value(only)
}

pub(super) fn entity_select(catalogue: &Catalogue) -> Select {
    let choices = entities(catalogue)
        .into_iter()
        .map(|entity| {
            (
                entity.legal_entity_id.to_string(),
                format!("{} ({})", entity.name, entity.currency),
            )
        })
        .collect();
    select("legal_entity_id", "Legal entity", choices)
}

pub(super) fn location_select(catalogue: &Catalogue) -> Select {
    location_select_as("location_id", catalogue)
}

/// A select of locations under a name of its own.
pub(super) fn location_select_as(name: &'static str, catalogue: &Catalogue) -> Select {
    let choices = locations(catalogue)
        .into_iter()
        .map(|location| (location.location_id.to_string(), location.name.clone()))
        .collect();
    select(name, "Location", choices)
}

pub(super) fn type_choices(catalogue: &Catalogue) -> Vec<Choice> {
    types(catalogue)
        .into_iter()
        .map(|kind| Choice::new(kind.resource_type_id.to_string(), &kind.name))
        .collect()
}

pub(super) fn type_select(catalogue: &Catalogue) -> Select {
    let choices = types(catalogue)
        .into_iter()
        .map(|kind| (kind.resource_type_id.to_string(), kind.name.clone()))
        .collect();
    select("resource_type_id", "Type", choices)
}

/// All currencies; where the entities use one alone, it is chosen already.
pub(super) fn currency_select(catalogue: &Catalogue) -> Select {
    let used: BTreeSet<Currency> = entities(catalogue).iter().map(|entity| entity.currency).collect();
    let only = if used.len() == 1 { used.first() } else { None };
    let choices = Currency::all().map(|currency| Choice::new(currency.code(), currency.code()));
    Select::new("currency", "Currency", choices).value(only.map_or("", |currency| currency.code()))
}

/// The legal entity of those who have but one.
pub(super) fn only_entity(catalogue: &Catalogue) -> Option<LegalEntityId> {
    let mut all = catalogue.legal_entities.keys();
    all.next().copied().filter(|_| all.next().is_none())
}

/// How prices are told: filled in as they were told last.
pub(super) fn told_select(tax_included: bool) -> Select {
    let told = [("false", "without VAT"), ("true", "with VAT")];
    Select::new(
        "tax_included",
        "Prices are told",
        told.map(|(value, label)| Choice::new(value, label)),
    )
    .value(tax_included.to_string())
}

/// IANA zones that a place can have: `Europe/Berlin`, not `Etc/GMT+1`.
pub(super) fn zone_suggestions() -> Suggestions {
    let names = jiff::tz::db()
        .available()
        .map(|name| name.as_str().to_owned())
        .filter(|name| {
            name.contains('/')
                && !["Etc/", "posix/", "right/", "SystemV/"]
                    .iter()
                    .any(|odd| name.starts_with(odd))
        })
        .collect::<BTreeSet<_>>();
    Suggestions::new("zones", names.into_iter().map(|name| (name, String::new())))
}

/// A time zone, with every zone there is suggested.
pub(super) fn zone_field(hint: &str) -> Field {
    Field::text("time_zone", "Time zone")
        .hint(hint)
        .attribute("list", "zones")
        .attribute("spellcheck", "false")
}

/// Tax categories used so far and the common ones.
fn category_suggestions(catalogue: &Catalogue) -> Suggestions {
    let used = catalogue.tax_rates.iter().map(|rate| rate.category.clone());
    let of_types = catalogue.resource_types.values().map(|kind| kind.tax_category.clone());
    let common = COMMON_CATEGORIES.into_iter().map(str::to_owned);
    let all: BTreeSet<String> = used.chain(of_types).chain(common).collect();
    Suggestions::new("tax-categories", all.into_iter().map(|name| (name, String::new())))
}

/// The field of a tax category, and what it suggests.
pub(super) fn category_field(name: &'static str, catalogue: &Catalogue) -> (Field, Suggestions) {
    let field = Field::text(name, "Tax category")
        .value(COMMON_CATEGORIES[0])
        .hint("Your own word for what is taxed alike. Its rates are set under Tax rates.")
        .attribute("list", "tax-categories")
        .attribute("maxlength", "120");
    (field, category_suggestions(catalogue))
}

/// Street, postcode, city and country, as printed on an invoice.
pub(super) fn address_fields() -> [Field; 4] {
    [
        Field::text("street", "Street and number").autocomplete("off"),
        Field::text("postcode", "Postcode")
            .optional()
            .attribute("maxlength", "16")
            .autocomplete("off"),
        Field::text("city", "City").autocomplete("off"),
        Field::text("country", "Country")
            .hint("Two letters, such as DE.")
            .attribute("maxlength", "2")
            .autocomplete("off"),
    ]
}
