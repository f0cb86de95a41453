//! How documents to a payer are addressed: language, postal address, VAT id and a reference of her own.

mod tax_choice;
mod vatex;

pub use tax_choice::*;

use crate::{
    LegalEntityId, Payer,
    event::domain_events,
    legal_entity::{Address, Language},
    personal::Personal,
    refusal::{Faults, Refusal},
    text, vat_id,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use uuid::Uuid;

domain_events!(
    /// What a payer said of the documents that are addressed to her.
    BillingEvent, "billing", {
        BillingDetailsSet = 2 [1 => together] personal by BillingDetailsSet::personal,
        TaxChoiceSet = 1,
    }
);

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct BillingDetailsSet {
    pub payer: Payer,
    /// The legal entity's where there is none.
    pub language: Option<Language>,
    pub address: Address,
    /// VAT identification number (art. 226 (4) of directive 2006/112/EC); empty where there is none.
    pub tax_id: String,
    /// BT-10 of EN 16931, such as a Leitweg-ID; empty where there is none.
    pub reference: String,
    /// One invoice for each location, rather than one for all.
    pub per_location: bool,
}

/// The first version knew one invoice for everything.
fn together(mut payload: Value) -> Result<Value, &'static str> {
    let fields = payload.as_object_mut().ok_or("it is no object")?;
    fields.insert("per_location".to_owned(), json!(false));
    Ok(payload)
}

impl BillingDetailsSet {
    fn personal(&self) -> Vec<Personal> {
        Personal::of(
            self.payer.id(),
            &[
                "/address/street",
                "/address/postcode",
                "/address/city",
                "/tax_id",
                "/reference",
            ],
        )
    }
}

/// What is known of a payer's documents, folded from her stream.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Billing {
    /// What she said last.
    pub details: Option<BillingDetailsSet>,
    pub tax: BTreeMap<LegalEntityId, TaxChoices>,
}

impl Billing {
    #[expect(clippy::unnecessary_wraps, reason = "every noun folds like this")]
    pub fn evolve(state: Option<Self>, event: BillingEvent) -> Option<Self> {
        let mut billing = state.unwrap_or_default();
        match event {
            BillingEvent::BillingDetailsSet(fact) => billing.details = Some(fact),
            BillingEvent::TaxChoiceSet(fact) => billing.tax.entry(fact.legal_entity_id).or_default().set(fact),
        }
        Some(billing)
    }

    /// How she is taxed by one legal entity.
    pub fn tax_with(&self, entity: LegalEntityId) -> TaxChoices {
        self.tax.get(&entity).cloned().unwrap_or_default()
    }
}

/// The stream of a payer's details. Derived, so that it never has to be looked up.
pub fn stream(payer: Payer) -> Uuid {
    Uuid::new_v5(&payer.id(), b"billing")
}

/// What somebody typed, unchecked.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct NewBillingDetails {
    /// `en`, `de`, or empty.
    pub language: String,
    pub street: String,
    pub postcode: String,
    pub city: String,
    pub country: String,
    pub tax_id: String,
    pub reference: String,
    pub per_location: bool,
}

/// # Errors
/// All faulty fields at once.
pub fn set(payer: Payer, new: &NewBillingDetails) -> Result<BillingDetailsSet, Refusal> {
    let mut faults = Faults::default();
    let language = match new.language.trim() {
        "" => None,
        code => {
            let known = Language::from_code(code);
            faults.check(known.is_some(), "language", "Please choose one of the list.");
            known
        }
    };
    let street = text::name(&new.street)
        .map_err(|message| faults.add("street", message))
        .unwrap_or_default();
    let city = text::name(&new.city)
        .map_err(|message| faults.add("city", message))
        .unwrap_or_default();
    let country = text::country(&new.country)
        .map_err(|message| faults.add("country", message))
        .unwrap_or_default();
    let mut short = |field: &str, value: &str, most: usize| {
        let value = value.trim();
        let fine = value.chars().count() <= most && !value.contains(char::is_control);
        faults.check(fine, field, format!("Please use at most {most} characters."));
        value.to_owned()
    };
    let postcode = short("postcode", &new.postcode, 16);
    let reference = short("reference", &new.reference, 64);
    let tax_id = vat_id::read(&new.tax_id)
        .map_err(|message| faults.add("tax_id", message))
        .unwrap_or_default();
    faults.finish()?;
    Ok(BillingDetailsSet {
        payer,
        language,
        address: Address {
            street,
            postcode,
            city,
            country,
        },
        tax_id,
        reference,
        per_location: new.per_location,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{ADA, when};

    #[test]
    fn an_address_is_whole_and_every_fault_is_named() {
        let typed = NewBillingDetails {
            language: "de".to_owned(),
            street: " Hafenstr. 1 ".to_owned(),
            city: "Berlin".to_owned(),
            country: "de".to_owned(),
            ..NewBillingDetails::default()
        };
        let set = set(Payer::Member(ADA), &typed).unwrap();
        assert_eq!(
            (set.language, set.address.street.as_str(), set.address.country.as_str()),
            (Some(Language::De), "Hafenstr. 1", "DE")
        );
        let wrong = NewBillingDetails {
            language: "xx".to_owned(),
            reference: "x".repeat(65),
            ..NewBillingDetails::default()
        };
        let refused = when(super::set(Payer::Member(ADA), &wrong)).then_refused("invalid");
        let fields: Vec<_> = refused.fields.iter().map(|field| field.field.as_str()).collect();
        assert_eq!(fields, ["language", "street", "city", "country", "reference"]);
    }
}
