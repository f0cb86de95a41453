//! Issued documents as files to download.

use axum::response::{IntoResponse as _, Response};
use coterie_app::{App, legal_entity};
use coterie_documents::paper::{self, Issued};
use http::{HeaderValue, header};
use tokio::sync::Semaphore;
use uuid::Uuid;

use crate::failure::Failure;

/// How many are set at once: each takes a core for some milliseconds.
static AT_WORK: Semaphore = Semaphore::const_new(4);

/// A document as PDF. Its bytes are always the same, so a browser may keep it for itself.
pub(crate) async fn pdf(app: &App, tenant: Uuid, issued: Issued) -> Result<Response, Failure> {
    let letterhead = issued.paper().letterhead();
    let logo = legal_entity::logo_of(app, tenant, issued.legal_entity_id(), letterhead).await?;
    let name = issued.file_name("pdf");
    let _turn = AT_WORK.acquire().await.map_err(|error| Failure::internal(&error))?;
    let set = tokio::task::spawn_blocking(move || {
        let logo = logo.as_ref().map(|logo| logo.bytes.as_slice());
        paper::pdf(issued.paper(), logo)
    });
    let bytes = set.await.map_err(|error| Failure::internal(&error))?;
    let bytes = bytes.map_err(|error| Failure::internal(&error))?;
    Ok(file(bytes, "application/pdf", &name))
}

/// Bytes to be saved under a name.
pub(crate) fn file(bytes: Vec<u8>, media_type: &'static str, name: &str) -> Response {
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
