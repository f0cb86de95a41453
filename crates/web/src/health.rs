//! Probes and metrics, answered at any host.

use axum::{
    Json,
    extract::State,
    response::{IntoResponse as _, Response},
};
use http::{HeaderMap, HeaderValue, StatusCode, header};
use serde_json::json;

use crate::{access::Access, failure::Failure, routes::Routes, state::AppState};

/// Adds `/healthz`, `/readyz` and `/metrics`.
pub(crate) fn routes(routes: Routes) -> Routes {
    routes
        .get("/healthz", Access::Everywhere, alive)
        .get("/readyz", Access::Everywhere, ready)
        .get("/metrics", Access::Everywhere, metrics)
}

/// The process answers; nothing else is asked, so that a slow database restarts nobody.
async fn alive() -> Json<serde_json::Value> {
    Json(json!({ "status": "ok" }))
}

async fn ready(State(state): State<AppState>) -> Response {
    match (state.readiness)().await {
        Ok(()) => Json(json!({ "status": "ready" })).into_response(),
        Err(reason) => {
            tracing::warn!(reason, "not ready");
            // The reason may name hosts and users of the database: it stays in the log.
            let body = Json(json!({ "status": "not ready" }));
            (StatusCode::SERVICE_UNAVAILABLE, body).into_response()
        }
    }
}

async fn metrics(State(state): State<AppState>, headers: HeaderMap) -> Result<Response, Failure> {
    let handle = state.metrics.as_ref().ok_or_else(Failure::not_found)?;
    if let Some(token) = &state.config.metrics_token {
        let sent = headers
            .get(header::AUTHORIZATION)
            .and_then(|value| value.to_str().ok()?.strip_prefix("Bearer "));
        if !sent.is_some_and(|sent| same(sent, token)) {
            return Err(Failure::unauthenticated());
        }
    }
    let mut response = handle.render().into_response();
    response.headers_mut().insert(
        header::CONTENT_TYPE,
        HeaderValue::from_static("text/plain; version=0.0.4; charset=utf-8"),
    );
    Ok(response)
}

/// Compares every byte, so that the time taken says nothing about where they differ.
fn same(left: &str, right: &str) -> bool {
    left.len() == right.len()
        && left
            .bytes()
            .zip(right.bytes())
            .fold(0, |difference, (a, b)| difference | (a ^ b))
            == 0
}
