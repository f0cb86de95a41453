//! Invoices and credit notes as PDF. Nothing goes into one but what was issued and its logo: no clock, no machine's fonts, no
//! names made up on the way, so the same document is the same bytes every time.

mod data;
mod format;
mod words;
mod world;

#[cfg(test)]
pub(crate) use data::notes_of;
pub(crate) use words::reverse_charge;

use coterie_domain::{
    Currency, LegalEntityId,
    credit_note::CreditNoteIssued,
    invoice::{InvoiceIssued, InvoiceLine, Party},
    legal_entity::{Language, Letterhead},
    tax::TaxSubtotal,
};
use jiff::civil::Date;
use std::borrow::Cow;
use thiserror::Error;

/// An issued document.
#[derive(Debug, Clone, Copy)]
pub enum Paper<'a> {
    Invoice(&'a InvoiceIssued),
    CreditNote(&'a CreditNoteIssued),
}

/// A document that could not be set. Nothing that people type leads here.
#[derive(Debug, Error)]
pub enum PaperError {
    #[error("{0} could not be laid out: {1}")]
    Layout(String, String),
    #[error("{0} could not be written as PDF: {1}")]
    Write(String, String),
    #[error("the logo is not the one that {0} names")]
    Logo(String),
}

/// What both kinds have.
pub(crate) struct Common<'a> {
    pub(crate) number: &'a str,
    pub(crate) language: Language,
    pub(crate) letterhead: &'a Letterhead,
    pub(crate) seller: &'a Party,
    pub(crate) buyer: &'a Party,
    pub(crate) reference: &'a str,
    pub(crate) issue_date: Date,
    pub(crate) currency: Currency,
    pub(crate) lines: Cow<'a, [InvoiceLine]>,
    pub(crate) tax: &'a [TaxSubtotal],
    pub(crate) net_minor: i64,
    pub(crate) tax_minor: i64,
    pub(crate) gross_minor: i64,
}

impl<'a> Paper<'a> {
    /// As it is printed, `BER-000001`.
    pub fn number(self) -> &'a str {
        self.common().number
    }

    pub fn letterhead(self) -> &'a Letterhead {
        self.common().letterhead
    }

    pub fn issue_date(self) -> Date {
        self.common().issue_date
    }

    pub(crate) fn common(self) -> Common<'a> {
        match self {
            Self::Invoice(issued) => Common {
                number: &issued.number,
                language: issued.language,
                letterhead: &issued.letterhead,
                seller: &issued.seller,
                buyer: &issued.buyer,
                reference: &issued.buyer_reference,
                issue_date: issued.issue_date,
                currency: issued.currency,
                lines: Cow::Owned(issued.told_lines()),
                tax: &issued.tax,
                net_minor: issued.net_minor,
                tax_minor: issued.tax_minor,
                gross_minor: issued.gross_minor,
            },
            Self::CreditNote(issued) => Common {
                number: &issued.number,
                language: issued.language,
                letterhead: &issued.letterhead,
                seller: &issued.seller,
                buyer: &issued.buyer,
                reference: &issued.buyer_reference,
                issue_date: issued.issue_date,
                currency: issued.currency,
                lines: Cow::Borrowed(&issued.lines),
                tax: &issued.tax,
                net_minor: issued.net_minor,
                tax_minor: issued.tax_minor,
                gross_minor: issued.gross_minor,
            },
        }
    }
}

/// An issued document of one's own, for whoever hands it to another thread.
#[derive(Debug, Clone, PartialEq)]
pub enum Issued {
    Invoice(Box<InvoiceIssued>),
    CreditNote(Box<CreditNoteIssued>),
}

impl Issued {
    pub fn paper(&self) -> Paper<'_> {
        match self {
            Self::Invoice(issued) => Paper::Invoice(issued),
            Self::CreditNote(issued) => Paper::CreditNote(issued),
        }
    }

    pub fn legal_entity_id(&self) -> LegalEntityId {
        match self {
            Self::Invoice(issued) => issued.legal_entity_id,
            Self::CreditNote(issued) => issued.legal_entity_id,
        }
    }

    /// `BER-000001.pdf`; a series has letters, digits and hyphens alone.
    pub fn file_name(&self, extension: &str) -> String {
        format!("{}.{extension}", self.paper().number())
    }
}

/// The document as PDF. `logo` is the picture that its letterhead names, where it names one.
///
/// # Errors
/// When the document cannot be set, which no document that was issued causes.
pub fn pdf(paper: Paper<'_>, logo: Option<&[u8]>) -> Result<Vec<u8>, PaperError> {
    if paper.letterhead().logo.is_some() != logo.is_some() {
        return Err(PaperError::Logo(paper.number().to_owned()));
    }
    world::set(paper.number(), &data::of(paper), logo)
}

#[cfg(test)]
pub(crate) mod tests;
