use crate::{
    ChargeId, Currency, InvoiceId, LegalEntityId, LocationId, Payer, charge::ChargeKind, event::domain_events,
    legal_entity::Address, tax::TaxSubtotal,
};
use jiff::civil::Date;
use rust_decimal::Decimal;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

domain_events!(
    /// What happened to an invoice.
    InvoiceEvent, "invoice", { InvoiceIssued = 1 }
);

/// Seller or buyer as printed (art. 226 (5)).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Party {
    pub name: String,
    pub address: Address,
    pub tax_id: String,
    pub email: String,
}

/// A line: one charge (rule 4), with what art. 226 (6), (7) and (8) ask for.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct InvoiceLine {
    pub charge_id: ChargeId,
    pub kind: ChargeKind,
    pub location_id: LocationId,
    pub description: String,
    pub quantity: String,
    pub unit: String,
    pub unit_price_minor: i64,
    pub net_minor: i64,
    pub tax_category: String,
    pub tax_percent: Decimal,
    pub service_from: Date,
    pub service_to: Date,
}

/// The whole document as it was issued. Nothing of it is looked up again later.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct InvoiceIssued {
    pub invoice_id: InvoiceId,
    pub legal_entity_id: LegalEntityId,
    pub series: String,
    pub sequence: i64,
    /// Art. 226 (2), e.g. `BER-000001`.
    pub number: String,
    pub payer: Payer,
    pub seller: Party,
    pub buyer: Party,
    /// Art. 226 (1), in the legal entity's zone.
    pub issue_date: Date,
    pub due_date: Date,
    pub currency: Currency,
    pub lines: Vec<InvoiceLine>,
    pub tax: Vec<TaxSubtotal>,
    pub net_minor: i64,
    pub tax_minor: i64,
    pub gross_minor: i64,
}
