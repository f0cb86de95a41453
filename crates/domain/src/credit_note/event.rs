use crate::{
    ChargeId, CreditNoteId, Currency, InvoiceId, LegalEntityId, Payer,
    event::{domain_events, same_shape},
    invoice::{InvoiceLine, Party},
    legal_entity::{Language, Letterhead},
    personal::{Personal, Purpose, Subject},
    retention,
    tax::{TaxSubtotal, with_treatments},
};
use jiff::civil::Date;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

domain_events!(
    /// What happened to a credit note.
    CreditNoteEvent, "credit_note", { CreditNoteIssued = 3 [1 => with_treatments, 2 => same_shape] personal by CreditNoteIssued::personal }
);

/// The whole document as it was issued. Amounts are what is taken back, so they are positive where the invoice's are.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct CreditNoteIssued {
    pub credit_note_id: CreditNoteId,
    /// What it corrects (art. 219 of directive 2006/112/EC asks for an unambiguous reference).
    pub invoice_id: InvoiceId,
    pub invoice_number: String,
    pub invoice_date: Date,
    pub legal_entity_id: LegalEntityId,
    pub series: String,
    pub sequence: i64,
    /// E.g. `BER-C-000001`.
    pub number: String,
    pub payer: Payer,
    pub seller: Party,
    pub buyer: Party,
    /// BT-10 of EN 16931, such as a Leitweg-ID; empty where the buyer gave none.
    pub buyer_reference: String,
    pub language: Language,
    pub letterhead: Letterhead,
    /// In the legal entity's zone.
    pub issue_date: Date,
    pub currency: Currency,
    /// Why, as the buyer reads it.
    pub reason: String,
    /// A line taken back as it stands on the invoice, or one piece at the amount that is taken back of it.
    pub lines: Vec<InvoiceLine>,
    /// The charges among them that wait for an invoice again.
    pub bill_again: Vec<ChargeId>,
    pub tax: Vec<TaxSubtotal>,
    pub net_minor: i64,
    pub tax_minor: i64,
    pub gross_minor: i64,
    /// What of the gross was still owed and is no longer. The rest was paid already, and is the payer's credit.
    pub settled_minor: i64,
    /// The last day on which the law wants the document whole; see [`retention`].
    pub retain_until: Date,
}

impl CreditNoteIssued {
    /// What was paid already and is now owed to the payer.
    pub fn owed_minor(&self) -> i64 {
        self.gross_minor - self.settled_minor
    }

    /// As an invoice's: who the buyer is must stay legible for the legal years.
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
                "/reason",
            ],
        };
        let mut personal = Personal::of(self.payer.id(), &["/buyer/email"]);
        personal.push(kept);
        personal
    }
}
