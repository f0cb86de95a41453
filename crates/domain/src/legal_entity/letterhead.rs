//! What stands on a legal entity's documents besides what was supplied: how they look, and how to pay.

use super::LegalEntityCreated;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The languages that documents are written in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema, Default)]
#[serde(rename_all = "snake_case")]
pub enum Language {
    #[default]
    En,
    De,
}

impl Language {
    pub const ALL: [Self; 2] = [Self::En, Self::De];

    /// ISO 639-1.
    pub fn code(self) -> &'static str {
        match self {
            Self::En => "en",
            Self::De => "de",
        }
    }
    /// As its speakers call it.
    pub fn name(self) -> &'static str {
        match self {
            Self::En => "English",
            Self::De => "Deutsch",
        }
    }
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|language| language.code() == code)
    }
    /// Where nobody said one: the country's, of those there are.
    pub fn of_country(country: &str) -> Self {
        match country {
            "DE" | "AT" | "LI" => Self::De,
            _ => Self::En,
        }
    }
}

/// Where to pay to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct BankAccount {
    pub holder: String,
    /// Without spaces.
    pub iban: String,
    /// Empty where there is none.
    pub bic: String,
}

/// Whom to ask about a document; empty where nobody was named.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema, Default)]
pub struct Contact {
    pub name: String,
    pub phone: String,
    pub email: String,
}

/// The bytes of a logo, by their digest; a document that names them is printed with them and no others.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Logo {
    /// Of the JPEG as it was written anew, in hexadecimal.
    pub sha256: String,
    pub width: i32,
    pub height: i32,
}

/// The head and foot of a document as it was issued.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Letterhead {
    /// The chain's name, above that of the legal entity.
    pub chain: String,
    /// `#rrggbb`.
    pub colour: String,
    pub logo: Option<Logo>,
    pub bank: Option<BankAccount>,
    pub contact: Contact,
    /// The entry in the commercial register, as it is printed; empty where there is none.
    pub register: String,
}

/// The colour where none was chosen.
pub const COLOUR: &str = "#1f4e5f";

impl Letterhead {
    /// Without anything but the chain's name.
    pub fn plain(chain: &str) -> Self {
        Self {
            chain: chain.to_owned(),
            colour: COLOUR.to_owned(),
            logo: None,
            bank: None,
            contact: Contact::default(),
            register: String::new(),
        }
    }
}

impl LegalEntityCreated {
    /// The series of its credit notes, beside that of its invoices.
    pub fn credit_note_series(&self) -> String {
        format!("{}-C", self.invoice_series)
    }

    /// The series of what asks for deposits: they are no invoices, and stand on none.
    pub fn deposit_series(&self) -> String {
        format!("{}-D", self.invoice_series)
    }
}
