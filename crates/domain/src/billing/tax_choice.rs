//! What staff chose of a payer's tax with one legal entity: nothing here is found out by the house itself (rule 6).

use super::vatex;
use crate::{
    ChargeId, LegalEntityId, Payer,
    catalogue::Catalogue,
    charge::{ChargeKind, ChargeMade},
    legal_entity::LegalEntityCreated,
    refusal::{Faults, Refusal},
    tax::{Exemption, Taxed, Treatment},
    vat_id,
};
use jiff::civil::Date;
use rust_decimal::Decimal;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The code of reverse charge in the list VATEX.
const REVERSE_CHARGE: &str = "VATEX-EU-AE";
const REASON_MAX_CHARS: usize = 200;

/// How a payer is taxed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema, Default)]
#[serde(tag = "treatment", rename_all = "snake_case")]
pub enum TaxChoice {
    /// At the rates of the categories.
    #[default]
    Standard,
    /// The payer owes the tax (art. 196 of directive 2006/112/EC). The reason is the provision, where she is of the legal entity's
    /// own country; else it is empty.
    ReverseCharge { reason: String },
    /// No tax is owed at all.
    Exempt(Exemption),
}

impl TaxChoice {
    pub fn name(&self) -> &'static str {
        match self {
            Self::Standard => "standard",
            Self::ReverseCharge { .. } => "reverse_charge",
            Self::Exempt(_) => "exempt",
        }
    }

    /// As documents say it; nothing where tax is charged.
    pub fn exemption(&self) -> Option<Exemption> {
        match self {
            Self::Standard => None,
            Self::ReverseCharge { reason } => Some(Exemption {
                code: REVERSE_CHARGE.to_owned(),
                reason: reason.clone(),
            }),
            Self::Exempt(exemption) => Some(exemption.clone()),
        }
    }

    /// What it makes of a supply at its category's rate. What is no taxable supply anyway stays what it is.
    fn of(&self, category: &str, rate_percent: Decimal) -> Taxed {
        let own = Taxed::at(category, rate_percent);
        let treatment = match (self, own.treatment) {
            (Self::Standard, _) | (_, Treatment::Exempt | Treatment::OutOfScope | Treatment::ReverseCharge) => {
                return own;
            }
            (Self::ReverseCharge { .. }, _) => Treatment::ReverseCharge,
            (Self::Exempt(_), _) => Treatment::Exempt,
        };
        Taxed {
            rate_percent: Decimal::ZERO,
            treatment,
            exemption: self.exemption(),
        }
    }
}

/// From this day on, what the legal entity supplies to the payer is taxed like this, until something else is said. The day is that
/// of supply: what was supplied before stays as it was, and no document that was issued changes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct TaxChoiceSet {
    pub payer: Payer,
    pub legal_entity_id: LegalEntityId,
    pub choice: TaxChoice,
    pub from: Date,
}

/// The choices of a payer with one legal entity, the earliest first.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TaxChoices(pub Vec<TaxChoiceSet>);

impl TaxChoices {
    pub fn on(&self, day: Date) -> &TaxChoice {
        const STANDARD: &TaxChoice = &TaxChoice::Standard;
        let said = self.0.iter().rev().find(|said| said.from <= day);
        said.map_or(STANDARD, |said| &said.choice)
    }

    /// What is said later counts from its day on, whatever was said of the days after it.
    pub fn set(&mut self, said: TaxChoiceSet) {
        self.0.retain(|known| known.from < said.from);
        self.0.push(said);
    }

    /// What a supply of this day is taxed like.
    pub fn taxed(&self, day: Date, category: &str, rate_percent: Decimal) -> Taxed {
        self.on(day).of(category, rate_percent)
    }
}

/// How a payer's lines of one legal entity are taxed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PayerTax {
    pub choices: TaxChoices,
    /// How charges stand on invoices that are given back now: it is given back as it was charged, whatever was chosen since.
    pub as_charged: BTreeMap<ChargeId, Taxed>,
}

impl PayerTax {
    /// # Errors
    /// When no rate is known of the charge's category on its day.
    pub fn of(&self, charge: &ChargeMade, catalogue: &Catalogue) -> Result<Taxed, Refusal> {
        if let Some(was) = charge.gives_back.and_then(|id| self.as_charged.get(&id)) {
            return Ok(was.clone());
        }
        if charge.kind == ChargeKind::Deposit {
            return Ok(Taxed::at(&charge.tax_category, Decimal::ZERO));
        }
        let country = &catalogue.location(charge.location_id)?.address.country;
        let day = charge.taxed_on.unwrap_or(charge.service_from);
        let percent = catalogue.tax_rate(country, &charge.tax_category, day)?;
        Ok(self.choices.taxed(day, &charge.tax_category, percent))
    }
}

/// What staff typed, unchecked.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct NewTaxChoice {
    /// `standard`, `reverse_charge` or `exempt`.
    pub treatment: String,
    /// The provision.
    pub reason: String,
    /// Of the list VATEX, or empty.
    pub code: String,
}

/// # Errors
/// All faulty fields at once: an unknown treatment; reverse charge without a VAT id on both sides, or within a country without its
/// provision; an exemption without a reason.
pub fn choose_tax(
    payer: Payer,
    buyer_tax_id: &str,
    new: &NewTaxChoice,
    from: Date,
    entity: &LegalEntityCreated,
) -> Result<TaxChoiceSet, Refusal> {
    let mut faults = Faults::default();
    let reason = new.reason.trim().to_owned();
    faults.check(
        reason.chars().count() <= REASON_MAX_CHARS && !reason.contains(char::is_control),
        "reason",
        format!("Please use one line of at most {REASON_MAX_CHARS} characters."),
    );
    let code = new.code.trim().to_ascii_uppercase();
    let choice = match new.treatment.as_str() {
        "standard" => TaxChoice::Standard,
        "reverse_charge" => TaxChoice::ReverseCharge { reason },
        "exempt" => {
            faults.check(
                !reason.is_empty(),
                "reason",
                "Please name the provision: it stands on every document.",
            );
            faults.check(
                code.is_empty() || vatex::is_known(&code),
                "code",
                "Please give a code of the list VATEX that means exempt, such as VATEX-EU-132, or none.",
            );
            TaxChoice::Exempt(Exemption { code, reason })
        }
        _ => {
            faults.add("treatment", "Please choose one of the list.");
            TaxChoice::Standard
        }
    };
    if let Err((field, sentence)) = check_reverse_charge(&choice, buyer_tax_id, entity) {
        faults.add(field, sentence);
    }
    faults.finish()?;
    Ok(TaxChoiceSet {
        payer,
        legal_entity_id: entity.legal_entity_id,
        choice,
        from,
    })
}

/// Whether the choice can stand with these tax numbers: art. 226 (3), (4) and (11a) ask for both.
///
/// # Errors
/// The field that stands against it, and why.
pub fn check_reverse_charge(
    choice: &TaxChoice,
    buyer_tax_id: &str,
    entity: &LegalEntityCreated,
) -> Result<(), (&'static str, String)> {
    let TaxChoice::ReverseCharge { reason } = choice else {
        return Ok(());
    };
    let Some(buyer) = vat_id::country_of(buyer_tax_id) else {
        let sentence = "Reverse charge needs the payer's VAT id; please give it with the billing address first.";
        return Err(("treatment", sentence.to_owned()));
    };
    if vat_id::country_of(&entity.tax_id).is_none() {
        let sentence = format!("{} has no VAT id, which stands on every such invoice.", entity.name);
        return Err(("treatment", sentence));
    }
    if buyer == entity.address.country && reason.is_empty() {
        let sentence = format!(
            "The payer's VAT id is of {buyer}, as {} is: please name the provision by which she owes the tax there.",
            entity.name
        );
        return Err(("reason", sentence));
    }
    Ok(())
}
