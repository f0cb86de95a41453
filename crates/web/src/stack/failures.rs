//! The one place where a failure gets its body: problem+json below `/v1`, a page elsewhere.

use axum::{extract::Request, middleware::Next, response::Response};
use http::{HeaderMap, header};

use super::RequestId;
use crate::{context::PageContext, failure::Failure, page_error, problem};

pub(super) async fn render(request: Request, next: Next) -> Response {
    let path = request.uri().path().to_owned();
    let fragment = wants_fragment(request.headers());
    let request_id = request
        .extensions()
        .get::<RequestId>()
        .map_or_else(String::new, |id| id.0.clone());
    let mut response = next.run(request).await;
    let Some(failure) = failure_in(&mut response) else {
        return response;
    };
    let (media, body) = if is_api(&path) {
        problem::body(&failure, &path, &request_id)
    } else {
        let context = response
            .extensions_mut()
            .remove::<PageContext>()
            .unwrap_or_else(|| PageContext {
                path,
                ..PageContext::default()
            });
        page_error::body(&failure, &context, &request_id, fragment)
    };
    let headers = response.headers_mut();
    headers.remove(header::CONTENT_LENGTH);
    headers.insert(header::CONTENT_TYPE, media);
    headers
        .entry(header::CACHE_CONTROL)
        .or_insert(http::HeaderValue::from_static("no-store"));
    *response.body_mut() = body;
    response
}

/// The API speaks problem documents, whatever the client says it accepts.
fn is_api(path: &str) -> bool {
    path == "/v1" || path.starts_with("/v1/") || path.starts_with("/webhooks/")
}

/// htmx swaps a part of the page: a whole page would end up inside it.
fn wants_fragment(headers: &HeaderMap) -> bool {
    headers.contains_key("hx-request") && !headers.contains_key("hx-boosted")
}

/// The failure a handler returned, or one made of a bare status of the framework's.
fn failure_in(response: &mut Response) -> Option<Failure> {
    if let Some(failure) = response.extensions_mut().remove::<Failure>() {
        return Some(failure);
    }
    let status = response.status();
    let bare = response
        .headers()
        .get(header::CONTENT_TYPE)
        .is_none_or(|media| media.to_str().is_ok_and(|media| media.starts_with("text/plain")));
    // A redirect for htmx has said what it wants in its header.
    let redirects = response.headers().contains_key("hx-redirect");
    ((status.is_client_error() || status.is_server_error()) && bare && !redirects).then(|| Failure::from_status(status))
}
