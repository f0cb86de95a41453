//! What every request passes through, from the outside in: request id, span, metrics,
//! security headers, compression, failures made readable, time limit, panics caught.

mod failures;
mod headers;
mod measure;
mod request_id;
mod trace;

use std::{any::Any, sync::Arc, time::Duration};

use axum::{
    Router,
    body::Body,
    extract::Request,
    middleware::{self, Next},
    response::{IntoResponse as _, Response},
};
use http::StatusCode;
use tower_http::{
    catch_panic::CatchPanicLayer,
    compression::CompressionLayer,
    csrf::{CsrfLayer, ProtectionError, ResponseForProtectionError},
    trace::TraceLayer,
};

use crate::{failure::Failure, state::WebConfig};

pub(crate) use self::headers::CONTENT_SECURITY_POLICY;
pub use self::request_id::RequestId;

/// The largest body a route takes unless it says otherwise, in bytes.
pub const BODY_LIMIT_BYTES: usize = 256 * 1024;
/// No request may take longer than this: nobody is left hanging for ten seconds, whatever the database does.
const TIME_LIMIT: Duration = Duration::from_secs(9);

/// The pattern of the route that answered, left on the response for the metrics.
#[derive(Debug, Clone, Copy)]
pub(crate) struct MatchedRoute(pub(crate) &'static str);

/// How many bytes the matched route takes, for the message when there are more.
#[derive(Debug, Clone, Copy)]
pub(crate) struct BodyLimit(pub(crate) usize);

/// Puts the stack in front of a router.
pub(crate) fn wrap(router: Router, config: &Arc<WebConfig>) -> Router {
    router
        .layer(CatchPanicLayer::custom(panicked))
        .layer(middleware::from_fn(in_time))
        .layer(middleware::from_fn(failures::render))
        .layer(CompressionLayer::new())
        .layer(middleware::from_fn_with_state(
            headers::Https(config.public_url.is_https()),
            headers::secure,
        ))
        .layer(middleware::from_fn(measure::count))
        .layer(
            TraceLayer::new_for_http()
                .make_span_with(trace::span)
                .on_request(())
                .on_response(trace::answered)
                .on_failure(()),
        )
        .layer(middleware::from_fn(request_id::give))
}

/// Refuses unsafe requests that another site's page sent along with our cookies.
pub(crate) fn csrf() -> CsrfLayer<CrossSite> {
    CsrfLayer::new().with_rejection_response(CrossSite)
}

/// The answer to a request from another site's page.
#[derive(Debug, Clone, Copy)]
pub(crate) struct CrossSite;

impl ResponseForProtectionError<Body> for CrossSite {
    fn response_for_protection_error(&mut self, _: ProtectionError) -> Response {
        Failure::new(
            StatusCode::FORBIDDEN,
            "cross_site",
            "Sent from another site",
            "For your safety this form is only accepted from our own pages. Open the page here and try again.",
        )
        .into_response()
    }
}

async fn in_time(request: Request, next: Next) -> Response {
    match tokio::time::timeout(TIME_LIMIT, next.run(request)).await {
        Ok(response) => response,
        Err(_) => Failure::busy(5).into_response(),
    }
}

#[expect(clippy::needless_pass_by_value, reason = "the signature is tower-http's")]
fn panicked(panic: Box<dyn Any + Send + 'static>) -> Response {
    let message = panic
        .downcast_ref::<String>()
        .map(String::as_str)
        .or_else(|| panic.downcast_ref::<&str>().copied())
        .unwrap_or("no message");
    tracing::error!(message, "a handler panicked");
    Failure::internal_quiet().into_response()
}
