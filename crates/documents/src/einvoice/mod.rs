//! Invoices and credit notes for machines: the semantic model of EN 16931, written as UBL by the German profile (XRechnung), and
//! as CII inside the PDF (Factur-X, ZUGFeRD). Nothing is written that the rules of the standard refuse.

mod field;
mod model;

use crate::paper::{self, Paper, PaperError};
use en16931::{
    Invoice,
    profiles::{En16931, XRechnung},
    validation::profile::{Rejected, Validated},
};
use en16931_formats::{
    Syntax,
    zugferd::{self, EmbedOptions},
};
use std::time::{Duration, SystemTime};
use thiserror::Error;

/// Something that the legal entity or the customer has to give first, or a sum that is wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Missing {
    /// Where, such as `buyer.address` or `seller.contact`.
    pub field: &'static str,
    /// The rule and its wording.
    pub message: String,
}

/// Why there is no e-invoice.
#[derive(Debug, Error)]
pub enum EInvoiceError {
    /// The rules of the standard refuse it.
    #[error("{} rules of EN 16931 refuse it", .0.len())]
    Refused(Vec<Missing>),
    #[error(transparent)]
    Paper(#[from] PaperError),
    #[error("the XML could not be put into the PDF: {0}")]
    Embed(String),
}

/// The German profile in UBL.
///
/// # Errors
/// When the rules of EN 16931 or of the profile refuse the document.
pub fn xrechnung(paper: Paper<'_>) -> Result<Vec<u8>, EInvoiceError> {
    written_ubl(model::of(paper, true)?)
}

fn written_ubl(invoice: Invoice) -> Result<Vec<u8>, EInvoiceError> {
    let proof: Validated<XRechnung> = Validated::new(invoice).map_err(|rejected| refused(&rejected))?;
    Ok(en16931_formats::write(&proof, Syntax::Ubl).xml.into_bytes())
}

/// The PDF with the same document as CII inside, in the profile EN 16931 of Factur-X.
///
/// # Errors
/// When the rules of EN 16931 refuse the document.
pub fn factur_x(paper: Paper<'_>, logo: Option<&[u8]>) -> Result<Vec<u8>, EInvoiceError> {
    let model = model::of(paper, false)?;
    let proof: Validated<En16931> = Validated::new(model).map_err(|rejected| refused(&rejected))?;
    let pdf = paper::pdf(paper, logo)?;
    let options = EmbedOptions {
        modified: Some(noon(paper)),
        ..EmbedOptions::default()
    };
    zugferd::embed(&pdf, &proof, &options).map_err(|error| EInvoiceError::Embed(error.to_string()))
}

/// The file inside is as old as the document: no clock is read.
fn noon(paper: Paper<'_>) -> SystemTime {
    let at = paper.issue_date().at(12, 0, 0, 0).to_zoned(jiff::tz::TimeZone::UTC);
    let seconds = at.map_or(0, |at| at.timestamp().as_second());
    SystemTime::UNIX_EPOCH + Duration::from_secs(u64::try_from(seconds).unwrap_or_default())
}

fn refused(rejected: &Rejected) -> EInvoiceError {
    let findings = rejected.report().fatal();
    EInvoiceError::Refused(
        findings
            .map(|finding| Missing {
                field: field::of(&finding.rule, &finding.path.to_string()),
                message: format!("{}: {}", finding.rule, finding.message),
            })
            .collect(),
    )
}

#[cfg(test)]
mod tests;
