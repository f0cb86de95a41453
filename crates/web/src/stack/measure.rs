//! Request counts and durations by route pattern (never by path: that would be a
//! time series per booking).

use std::time::Instant;

use axum::{extract::Request, middleware::Next, response::Response};
use http::Method;

use super::MatchedRoute;

pub(super) async fn count(request: Request, next: Next) -> Response {
    let started = Instant::now();
    let method = method_label(request.method());
    let response = next.run(request).await;
    let route = response
        .extensions()
        .get::<MatchedRoute>()
        .map_or("unmatched", |route| route.0);
    let status = response.status().as_u16().to_string();
    metrics::counter!(
        "http_requests_total", "method" => method, "route" => route, "status" => status
    )
    .increment(1);
    metrics::histogram!("http_request_duration_seconds", "method" => method, "route" => route)
        .record(started.elapsed().as_secs_f64());
    response
}

/// Clients may invent methods; labels may not grow with them.
fn method_label(method: &Method) -> &'static str {
    match method.as_str() {
        "GET" => "GET",
        "HEAD" => "HEAD",
        "POST" => "POST",
        "PUT" => "PUT",
        "PATCH" => "PATCH",
        "DELETE" => "DELETE",
        "OPTIONS" => "OPTIONS",
        _ => "other",
    }
}
