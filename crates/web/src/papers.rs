//! Issued documents as files to download.

use axum::response::{IntoResponse as _, Response};
use coterie_app::{App, legal_entity};
use coterie_documents::{
    einvoice::{self, EInvoiceError, Missing},
    paper::{self, Issued},
};
use http::{HeaderValue, StatusCode, header};
use tokio::sync::Semaphore;
use uuid::Uuid;

use crate::failure::{Failure, FieldError};

/// How many are set at once: each takes a core for some milliseconds.
static AT_WORK: Semaphore = Semaphore::const_new(4);

/// What a document is downloaded as. The bytes of each are always the same.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Form {
    /// For people.
    Pdf,
    /// For people, with the same for machines inside: Factur-X, ZUGFeRD.
    FacturX,
    /// For machines: XRechnung in UBL.
    XRechnung,
}

/// A document as a file. What an e-invoice lacks is named by field.
pub(crate) async fn answer(app: &App, tenant: Uuid, issued: Issued, form: Form) -> Result<Response, Failure> {
    let letterhead = issued.paper().letterhead();
    let logo = legal_entity::logo_of(app, tenant, issued.legal_entity_id(), letterhead).await?;
    let (name, media_type) = match form {
        Form::Pdf => (issued.file_name("pdf"), "application/pdf"),
        Form::FacturX => (issued.file_name("factur-x.pdf"), "application/pdf"),
        Form::XRechnung => (issued.file_name("xml"), "application/xml"),
    };
    let _turn = AT_WORK.acquire().await.map_err(|error| Failure::internal(&error))?;
    let set = tokio::task::spawn_blocking(move || {
        let logo = logo.as_ref().map(|logo| logo.bytes.as_slice());
        match form {
            Form::Pdf => Ok(paper::pdf(issued.paper(), logo)?),
            Form::FacturX => einvoice::factur_x(issued.paper(), logo),
            Form::XRechnung => einvoice::xrechnung(issued.paper()),
        }
    });
    match set.await.map_err(|error| Failure::internal(&error))? {
        Ok(bytes) => Ok(file(bytes, media_type, &name)),
        Err(EInvoiceError::Refused(missing)) => Err(incomplete(missing)),
        Err(error) => Err(Failure::internal(&error)),
    }
}

/// The document was issued without something that an e-invoice must have: it is said for the next one.
fn incomplete(missing: Vec<Missing>) -> Failure {
    let mut failure = Failure::new(
        StatusCode::CONFLICT,
        "e_invoice_incomplete",
        "No e-invoice",
        "This document was issued without something that an e-invoice must have. What is given now counts for later documents.",
    );
    failure.fields = missing
        .into_iter()
        .map(|one| FieldError::new(one.field, one.message))
        .collect();
    failure
}

/// Bytes to be saved under a name.
fn file(bytes: Vec<u8>, media_type: &'static str, name: &str) -> Response {
    let mut response = bytes.into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(media_type));
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("private, no-cache"));
    if let Ok(disposition) = HeaderValue::from_str(&format!("attachment; filename=\"{name}\"")) {
        headers.insert(header::CONTENT_DISPOSITION, disposition);
    }
    response
}
