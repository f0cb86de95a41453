use crate::{ChargeId, InvoiceId, InvoiceRunId, LegalEntityId, Payer, event::domain_events};
use jiff::civil::Date;
use rust_decimal::Decimal;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

domain_events!(
    /// What happened to an invoice run.
    InvoiceRunEvent, "invoice_run", {
        InvoiceRunOpened = 1,
        DraftsMade = 2 [1 => together],
        PayerExcluded = 1,
        PayerIncluded = 1,
        InvoiceRunApproved = 1,
        InvoiceRunStarted = 1,
        DraftsIssued = 1,
        DraftSetAside = 1,
        InvoiceRunStopped = 1,
        InvoiceRunResumed = 1,
        InvoiceRunCompleted = 1,
        InvoiceRunCancelled = 1,
    }
);

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct InvoiceRunOpened {
    pub invoice_run_id: InvoiceRunId,
    pub legal_entity_id: LegalEntityId,
    /// Charges that can be billed on this day or before; frozen.
    pub cut_off: Date,
}

/// Drafts of some payers; a long run makes them in several transactions.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct DraftsMade {
    pub invoice_run_id: InvoiceRunId,
    pub drafts: Vec<Draft>,
    /// Whether these were the last.
    pub complete: bool,
}

/// One payer's invoice as it would be issued, without a number.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Draft {
    pub payer: Payer,
    pub lines: Vec<DraftLine>,
    pub net_minor: i64,
    pub tax_minor: i64,
    pub gross_minor: i64,
    /// The buyer has no street or no town; art. 226 (5) asks for both.
    pub without_address: bool,
    /// A keyed digest of the buyer as printed: it says that something changed and nothing of what it was.
    pub buyer_digest: String,
    /// SHA-256 of what the legal entity prints, hexadecimal.
    pub seller_digest: String,
    /// SHA-256 of everything the invoice is made of, hexadecimal (rule 8).
    pub inputs_sha256: String,
    /// Why it is not issued as it stands; its charges wait for a later run.
    pub waits: Option<Waits>,
    /// It becomes one invoice for each location.
    pub per_location: bool,
}

/// The first drafts were one invoice each.
fn together(mut payload: Value) -> Result<Value, &'static str> {
    let drafts = payload.get_mut("drafts").and_then(Value::as_array_mut);
    for draft in drafts.ok_or("it has no drafts")? {
        let fields = draft.as_object_mut().ok_or("a draft is no object")?;
        fields.insert("per_location".to_owned(), json!(false));
    }
    Ok(payload)
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct DraftLine {
    pub charge_id: ChargeId,
    pub net_minor: i64,
    /// None where no rate is known.
    pub tax_percent: Option<Decimal>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Waits {
    pub why: WaitsFor,
    pub sentence: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum WaitsFor {
    TaxRate,
    /// Zero, or less: what is given back is more than what is owed.
    SomethingOwed,
    /// A charge that this legal entity cannot bill.
    OtherCharges,
}

impl WaitsFor {
    pub const ALL: [Self; 3] = [Self::TaxRate, Self::SomethingOwed, Self::OtherCharges];
    pub fn name(self) -> &'static str {
        match self {
            Self::TaxRate => "tax_rate",
            Self::SomethingOwed => "something_owed",
            Self::OtherCharges => "other_charges",
        }
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct PayerExcluded {
    pub invoice_run_id: InvoiceRunId,
    pub payer: Payer,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct PayerIncluded {
    pub invoice_run_id: InvoiceRunId,
    pub payer: Payer,
}

/// Who approved it is the event's actor.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct InvoiceRunApproved {
    pub invoice_run_id: InvoiceRunId,
    /// What was approved.
    pub drafts: i64,
    pub gross_minor: i64,
}

/// Issuing began.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct InvoiceRunStarted {
    pub invoice_run_id: InvoiceRunId,
}

/// Drafts that became invoices in the same append; a payer stands here once for each of her invoices.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct DraftsIssued {
    pub invoice_run_id: InvoiceRunId,
    pub issued: Vec<DraftIssued>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct DraftIssued {
    pub payer: Payer,
    pub invoice_id: InvoiceId,
}

/// A draft whose inputs are not what was approved; its charges wait for another run.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct DraftSetAside {
    pub invoice_run_id: InvoiceRunId,
    pub payer: Payer,
    pub difference: Difference,
}

/// What changed between a draft and what would be issued now.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema, Default)]
pub struct Difference {
    pub came: Vec<DraftLine>,
    pub went: Vec<DraftLine>,
    /// As they would be billed now.
    pub taxed_otherwise: Vec<DraftLine>,
    pub buyer_changed: bool,
    pub seller_changed: bool,
    /// The buyer was forgotten: nothing is written to her any more.
    pub buyer_forgotten: bool,
    pub gross_before_minor: i64,
    pub gross_now_minor: i64,
}

/// Something stands where it must not (rule 4): nothing more is drafted or issued until somebody looked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct InvoiceRunStopped {
    pub invoice_run_id: InvoiceRunId,
    pub payer: Payer,
    pub sentence: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct InvoiceRunResumed {
    pub invoice_run_id: InvoiceRunId,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct InvoiceRunCompleted {
    pub invoice_run_id: InvoiceRunId,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct InvoiceRunCancelled {
    pub invoice_run_id: InvoiceRunId,
}
