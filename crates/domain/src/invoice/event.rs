use crate::{
    ChargeId, Currency, InvoiceId, LegalEntityId, LocationId, Payer,
    charge::ChargeKind,
    event::{domain_events, same_shape},
    legal_entity::{Address, Language, Letterhead},
    personal::{Personal, Purpose, Subject},
    retention,
    tax::{Exemption, TaxSubtotal, Taxed, Treatment, with_treatments},
};
use jiff::civil::Date;
use rust_decimal::Decimal;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

domain_events!(
    /// What happened to an invoice.
    InvoiceEvent, "invoice", {
        InvoiceIssued = 6 [1 => with_retention, 2 => same_shape, 3 => with_letterhead, 4 => of_nobody_else, 5 => same_shape] personal by InvoiceIssued::personal,
    }
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
    pub treatment: Treatment,
    /// Why there is no tax, where that was chosen for the payer.
    pub exemption: Option<Exemption>,
    pub service_from: Date,
    pub service_to: Date,
}

impl InvoiceLine {
    pub fn taxed(&self) -> Taxed {
        Taxed {
            rate_percent: self.tax_percent,
            treatment: self.treatment,
            exemption: self.exemption.clone(),
        }
    }
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
    /// BT-10 of EN 16931, such as a Leitweg-ID; empty where the buyer gave none.
    pub buyer_reference: String,
    /// What it is printed in.
    pub language: Language,
    pub letterhead: Letterhead,
    /// Art. 226 (1), in the legal entity's zone.
    pub issue_date: Date,
    pub due_date: Date,
    pub currency: Currency,
    pub lines: Vec<InvoiceLine>,
    pub tax: Vec<TaxSubtotal>,
    pub net_minor: i64,
    pub tax_minor: i64,
    pub gross_minor: i64,
    /// The last day on which the law wants the document whole; see [`retention`].
    pub retain_until: Date,
    /// Whose charges the payer settles for somebody else.
    pub people: Vec<LinePerson>,
}

/// Who made the charge of a line, where it is not the payer herself.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct LinePerson {
    pub charge_id: ChargeId,
    pub name: String,
}

impl InvoiceIssued {
    /// Its lines as they are printed: with the name of whoever a line is for, where the payer settles for her.
    pub fn told_lines(&self) -> Vec<InvoiceLine> {
        let told = |line: &InvoiceLine| {
            let person = self.people.iter().find(|person| person.charge_id == line.charge_id);
            InvoiceLine {
                description: match person {
                    Some(person) => format!("{}: {}", person.name, line.description),
                    None => line.description.clone(),
                },
                ..line.clone()
            }
        };
        self.lines.iter().map(told).collect()
    }

    /// Whether it asks for a deposit and for nothing else.
    pub fn is_deposit(&self) -> bool {
        self.lines.iter().all(|line| line.kind == ChargeKind::Deposit)
    }

    /// Who the buyer is must stay legible as long as the invoice must be kept, whoever is forgotten meanwhile. Her email
    /// is no part of an invoice (art. 226), so it goes with her. Lines name resources, plans and days, never a person; who used
    /// what a company pays for stands beside them, and is kept like the buyer.
    fn personal(&self) -> Vec<Personal> {
        let kept = Personal {
            subject: Subject {
                id: retention::subject(self.legal_entity_id, self.issue_date.year()),
                purpose: Purpose::Retention {
                    until: self.retain_until,
                },
            },
            pointers: &[
                "/buyer/name",
                "/buyer/address/street",
                "/buyer/address/postcode",
                "/buyer/address/city",
                "/buyer/tax_id",
                "/buyer_reference",
                "/people/*/name",
            ],
        };
        let mut personal = Personal::of(self.payer.id(), &["/buyer/email"]);
        personal.push(kept);
        personal
    }
}

/// The first version did not say until when it is kept; the rule was the same. The second had no line for a pass, the third
/// none for days given back, fees, services and discounts.
fn with_retention(mut payload: Value) -> Result<Value, &'static str> {
    let issued: Date = payload
        .get("issue_date")
        .and_then(Value::as_str)
        .and_then(|text| text.parse().ok())
        .ok_or("it has no issue date")?;
    let invoice = payload.as_object_mut().ok_or("it is no object")?;
    let until = retention::until(issued.year()).to_string();
    invoice.insert("retain_until".to_owned(), until.into());
    Ok(payload)
}

/// Versions before the fourth had no letterhead, and spoke the language of the seller's country.
fn with_letterhead(mut payload: Value) -> Result<Value, &'static str> {
    let country = payload
        .pointer("/seller/address/country")
        .and_then(Value::as_str)
        .ok_or("it has no seller")?;
    let language = serde_json::to_value(Language::of_country(country)).map_err(|_| "a language is a word")?;
    let letterhead = serde_json::to_value(Letterhead::plain("")).map_err(|_| "a letterhead is an object")?;
    let invoice = payload.as_object_mut().ok_or("it is no object")?;
    invoice.insert("buyer_reference".to_owned(), "".into());
    invoice.insert("language".to_owned(), language);
    invoice.insert("letterhead".to_owned(), letterhead);
    Ok(payload)
}

/// Versions before the fifth did not say for whom a payer settles, nor that somebody chose how she is taxed, and none of them asked for
/// a deposit.
fn of_nobody_else(payload: Value) -> Result<Value, &'static str> {
    let mut payload = with_treatments(payload)?;
    let invoice = payload.as_object_mut().ok_or("it is no object")?;
    invoice.insert("people".to_owned(), json!([]));
    Ok(payload)
}
