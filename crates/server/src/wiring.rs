//! Puts the rooms together: pools, use cases, gateways, pages. `serve`, `work` and the one-process stack share it.

use crate::config::DatabaseUrl;
use crate::identity_app::AppIdentity;
use coterie_gateway::{Gateway, GatewayError, StripeConfig, StripeGateway};
use coterie_web::state::Readiness;
use coterie_web::{AppState, House, WebConfig};
use metrics_exporter_prometheus::{PrometheusBuilder, PrometheusHandle};
use sqlx::postgres::PgPoolOptions;
use sqlx::{Connection, PgPool};
use std::sync::{Arc, OnceLock};
use std::time::Duration;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

/// Connections of a process that does one thing.
pub(crate) const POOL: u32 = 20;
/// How long a request waits for a connection before it is told that the house is busy.
const ACQUIRE: Duration = Duration::from_secs(5);
/// Time limits of every session, which the migrations also give to the roles: an installation whose roles were made
/// elsewhere has them too. Nothing in a transaction waits for a network, so one that says nothing for five seconds belongs to
/// a process that stands still, and what it holds is given to others before they give up.
const LIMITS: [(&str, &str); 3] = [
    ("lock_timeout", "5s"),
    ("statement_timeout", "30s"),
    ("idle_in_transaction_session_timeout", "5s"),
];
/// How long a connection that lies still is believed to live.
const TRUSTED: Duration = Duration::from_secs(1);
/// How long open requests may take once the server is told to stop.
const FINISH: Duration = Duration::from_secs(10);

/// A pool that connects when it is first used.
pub(crate) fn pool(url: &DatabaseUrl, connections: u32) -> PgPool {
    PgPoolOptions::new()
        .max_connections(connections)
        .acquire_timeout(ACQUIRE)
        // Whether a connection still lives is asked only of one that lay still: asking every time would be one more round
        // trip for every transaction.
        .test_before_acquire(false)
        .before_acquire(|conn, meta| {
            Box::pin(async move {
                // A dead one is thrown away and another is taken.
                Ok(meta.idle_for < TRUSTED || conn.ping().await.is_ok())
            })
        })
        .connect_lazy_with(url.options().application_name("coterie").options(LIMITS))
}

/// The same for whoever answers people and programs: no statement outlives the request that it is for.
pub(crate) fn pages_pool(url: &DatabaseUrl, connections: u32) -> PgPool {
    let pool = pool(url, connections);
    let options = pool.connect_options().as_ref().clone();
    pool.set_connect_options(options.options([("statement_timeout", "8s")]));
    pool
}

#[expect(clippy::result_large_err, reason = "happens once, at start-up")]
pub(crate) fn gateway(key: &str, url: &str) -> Result<Arc<dyn Gateway>, GatewayError> {
    Ok(Arc::new(StripeGateway::new(StripeConfig::new(key, url))?))
}

/// How long a probe waits for the database. Whoever waits longer for a connection looks for it ever more rarely: the next
/// probe finds a database that came back sooner than this one would.
const PROBE: Duration = Duration::from_secs(1);

/// Ready as long as the database answers.
fn readiness(pool: PgPool) -> Readiness {
    Arc::new(move || {
        let pool = pool.clone();
        Box::pin(async move {
            let asked = tokio::time::timeout(PROBE, sqlx::query("select 1").execute(&pool)).await;
            match asked {
                Ok(Ok(_)) => Ok(()),
                Ok(Err(error)) => Err(error.to_string()),
                Err(_) => Err("the database does not answer".to_owned()),
            }
        })
    })
}

/// The process's metrics. A recorder can be installed once per process; where another one is there, there is none.
pub(crate) fn metrics() -> Option<PrometheusHandle> {
    static HANDLE: OnceLock<Option<PrometheusHandle>> = OnceLock::new();
    HANDLE
        .get_or_init(|| PrometheusBuilder::new().install_recorder().ok())
        .clone()
}

/// What the pages stand on.
pub(crate) fn web_state(house: House, config: WebConfig) -> AppState {
    let identity = Arc::new(AppIdentity::new(house.app.clone()));
    let readiness = readiness(house.app.pool.clone());
    let state = AppState::new(config, house, identity, readiness);
    match metrics() {
        Some(handle) => state.with_metrics(handle),
        None => state,
    }
}

/// Serves until cancelled, then lets open requests finish, bounded: a browser that keeps its connection open must not
/// keep the process.
pub(crate) async fn serve_until(
    listener: TcpListener,
    router: axum::Router,
    cancel: CancellationToken,
) -> std::io::Result<()> {
    let stopped = cancel.clone();
    let serving = axum::serve(listener, router).with_graceful_shutdown(async move { stopped.cancelled().await });
    let patience = async {
        cancel.cancelled().await;
        tokio::time::sleep(FINISH).await;
    };
    tokio::select! {
        served = async { serving.await } => served,
        () = patience => {
            tracing::warn!("some requests did not finish in time and were dropped");
            Ok(())
        }
    }
}
