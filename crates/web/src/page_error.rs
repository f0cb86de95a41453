//! A failure as an HTML page, or as a fragment where htmx asked.

use askama::Template;
use axum::{body::Body, response::Response};
use http::HeaderValue;

use crate::{context::PageContext, failure::Failure};

#[derive(Template)]
#[template(path = "failure.html")]
struct FailurePage<'a> {
    ctx: &'a PageContext,
    failure: &'a Failure,
    request_id: &'a str,
}

#[derive(Template)]
#[template(path = "failure_fragment.html")]
struct FailureFragment<'a> {
    failure: &'a Failure,
    request_id: &'a str,
}

/// Remembers, beside a failure, who looks.
pub(crate) fn attach_context(response: &mut Response, context: PageContext) {
    let failed = response.status().is_client_error() || response.status().is_server_error();
    if failed || response.extensions().get::<Failure>().is_some() {
        response.extensions_mut().insert(context);
    }
}

/// The body and its media type.
pub(crate) fn body(failure: &Failure, context: &PageContext, request_id: &str, fragment: bool) -> (HeaderValue, Body) {
    let rendered = if fragment {
        FailureFragment { failure, request_id }.render()
    } else {
        FailurePage {
            ctx: context,
            failure,
            request_id,
        }
        .render()
    };
    let html = rendered.unwrap_or_else(|error| {
        tracing::error!(%error, "rendering the failure page");
        failure.title.to_owned()
    });
    (HeaderValue::from_static("text/html; charset=utf-8"), Body::from(html))
}
