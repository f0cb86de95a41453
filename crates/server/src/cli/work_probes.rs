//! What a worker answers about itself where `COTERIE_WORK_BIND` says so: `/metrics`, `/healthz` and `/readyz`, as the
//! pages' process does.

use crate::config::Config;
use crate::wiring;
use axum::{
    Router,
    extract::State,
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse as _, Response},
    routing::get,
};
use coterie_app::secret::sha256;
use metrics_exporter_prometheus::PrometheusHandle;
use sqlx::PgPool;

#[derive(Clone)]
struct Probes {
    pool: PgPool,
    handle: Option<PrometheusHandle>,
    /// SHA-256 of the bearer token, so that comparing it tells nothing of it.
    token_hash: Option<[u8; 32]>,
}

pub(super) fn router(config: &Config, pool: PgPool) -> Router {
    let token = config.metrics_token.as_ref();
    let probes = Probes {
        pool,
        handle: wiring::metrics(),
        token_hash: token.map(|token| sha256(token.reveal().as_bytes())),
    };
    Router::new()
        .route("/healthz", get(|| async { "ok\n" }))
        .route("/readyz", get(ready))
        .route("/metrics", get(metrics))
        .with_state(probes)
}

async fn ready(State(probes): State<Probes>) -> Response {
    match sqlx::query("select 1").execute(&probes.pool).await {
        Ok(_) => "ready\n".into_response(),
        Err(error) => {
            tracing::warn!(%error, "not ready");
            (StatusCode::SERVICE_UNAVAILABLE, "not ready\n").into_response()
        }
    }
}

async fn metrics(State(probes): State<Probes>, headers: HeaderMap) -> Response {
    let sent = headers
        .get(header::AUTHORIZATION)
        .and_then(|value| value.to_str().ok()?.strip_prefix("Bearer "))
        .map(|token| sha256(token.as_bytes()));
    if probes.token_hash.is_some() && probes.token_hash != sent {
        return StatusCode::UNAUTHORIZED.into_response();
    }
    let Some(handle) = &probes.handle else {
        return StatusCode::NOT_FOUND.into_response();
    };
    let media = [(header::CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")];
    (media, handle.render()).into_response()
}
