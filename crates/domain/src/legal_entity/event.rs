use super::{BankAccount, Contact, Language, Logo};
use crate::{Currency, LegalEntityId, event::domain_events};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

domain_events!(
    /// What happened to a legal entity.
    LegalEntityEvent, "legal_entity", { LegalEntityCreated = 1, StripeConnected = 1, LetterheadSet = 1, InvoicingSet = 1 }
);

/// A postal address as it is printed on an invoice.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema, Default)]
pub struct Address {
    pub street: String,
    pub postcode: String,
    pub city: String,
    /// ISO 3166-1 alpha-2.
    pub country: String,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct LegalEntityCreated {
    pub legal_entity_id: LegalEntityId,
    pub name: String,
    pub address: Address,
    /// VAT identification number (art. 226 (3) of directive 2006/112/EC); empty where there is none.
    pub tax_id: String,
    pub currency: Currency,
    /// IANA zone of invoice dates and accounting periods.
    pub time_zone: String,
    /// Invoice numbers are `{series}-{000001}`.
    pub invoice_series: String,
    /// Days from issue to due date.
    pub payment_terms_days: i32,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct StripeConnected {
    pub legal_entity_id: LegalEntityId,
    /// The connected account, `acct_...`.
    pub account_id: String,
}

/// How its documents look from now on, and what they say besides what was supplied.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct LetterheadSet {
    pub legal_entity_id: LegalEntityId,
    /// Of documents to customers who chose none.
    pub language: Language,
    /// `#rrggbb`.
    pub colour: String,
    pub logo: Option<Logo>,
    pub bank: Option<BankAccount>,
    pub contact: Contact,
    /// The entry in the commercial register; empty where there is none.
    pub register: String,
}

/// When an entity's recurring invoices are issued: on each membership's billing day unless this was ever said.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct InvoicingSet {
    pub legal_entity_id: LegalEntityId,
    /// Whether they wait for an invoice run.
    pub by_run: bool,
}
