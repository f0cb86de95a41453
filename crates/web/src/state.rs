//! What every handler can reach.

use std::{
    fmt,
    sync::{Arc, OnceLock},
};

use metrics_exporter_prometheus::PrometheusHandle;
use tokio::sync::Semaphore;

use crate::{
    door,
    host::PublicUrl,
    house::House,
    identity::{BoxFuture, Identity},
    nav::Navigation,
    platform::Administration,
};

/// Asks whether this process can serve: `Err` carries a sentence for the operator's eyes.
pub type Readiness = Arc<dyn Fn() -> BoxFuture<'static, Result<(), String>> + Send + Sync>;

/// What the environment decides about the pages.
#[derive(Debug, Clone)]
pub struct WebConfig {
    /// Where the installation itself is reached (`COTERIE_PUBLIC_URL`).
    pub public_url: PublicUrl,
    /// When set, `/metrics` wants it as a bearer token.
    pub metrics_token: Option<String>,
}

/// Shared by all handlers; cheap to clone.
#[derive(Clone)]
pub struct AppState {
    /// What the pages act on.
    pub house: House,
    /// Who asks.
    pub identity: Arc<dyn Identity>,
    /// What the environment decides.
    pub config: Arc<WebConfig>,
    /// Behind `/readyz`.
    pub readiness: Readiness,
    /// Behind `/metrics`; without one the page answers 404.
    pub metrics: Option<PrometheusHandle>,
    /// Knows whoever runs the installation; without it nobody signs in at its own host.
    pub administration: Option<Administration>,
    /// Places for the tablets beside doors that wait for changes.
    pub(crate) doors: Arc<Semaphore>,
    /// Filled once by `Routes::finish`.
    pub(crate) navigation: Arc<OnceLock<Arc<Navigation>>>,
}

impl AppState {
    /// A state without metrics; `readiness` checks the database.
    pub fn new(config: WebConfig, house: House, identity: Arc<dyn Identity>, readiness: Readiness) -> Self {
        Self {
            house,
            identity,
            config: Arc::new(config),
            readiness,
            metrics: None,
            administration: None,
            doors: Arc::new(Semaphore::new(door::MOST_CONNECTIONS)),
            navigation: Arc::new(OnceLock::new()),
        }
    }

    /// The same state, with `/metrics` rendered from this recorder.
    #[must_use]
    pub fn with_metrics(mut self, handle: PrometheusHandle) -> Self {
        self.metrics = Some(handle);
        self
    }

    /// The same state, with a token (`COTERIE_PLATFORM_TOKEN`) by which whoever runs the installation signs in.
    #[must_use]
    pub fn with_platform_token(mut self, token: &str) -> Self {
        let secret = self.house.app.config.secret.clone();
        self.administration = Some(Administration::new(token, secret));
        self
    }
}

impl fmt::Debug for AppState {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("AppState")
            .field("config", &self.config)
            .finish_non_exhaustive()
    }
}
