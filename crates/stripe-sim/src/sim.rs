//! Starting, steering and stopping a simulator in this process.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use serde_json::Value;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

use crate::books::{Books, Endpoint};
use crate::config::{SimConfig, WebhookEndpoint};
use crate::control::summary;
use crate::core::{Core, lock};
use crate::faults::Fault;
use crate::recorded::Recorded;
use crate::{server, store};

/// Why a simulator did not start.
#[derive(Debug, thiserror::Error)]
pub enum SimError {
    #[error("read the simulator's data file: {0}")]
    Data(#[source] std::io::Error),
    #[error("listen on {address}: {source}")]
    Bind {
        address: SocketAddr,
        source: std::io::Error,
    },
}

/// The simulator.
pub struct Sim;

impl Sim {
    /// Starts serving; returns once requests are accepted.
    ///
    /// # Errors
    /// [`SimError`] when the data file cannot be read or the address is taken.
    pub async fn start(config: SimConfig) -> Result<RunningSim, SimError> {
        let mut books = match &config.data_file {
            Some(path) => store::load(path).map_err(SimError::Data)?,
            None => Books::new(),
        };
        let failed = |source| SimError::Bind {
            address: config.bind,
            source,
        };
        let listener = TcpListener::bind(config.bind).await.map_err(failed)?;
        let address = listener.local_addr().map_err(failed)?;
        let public_url = config.public_url.clone().unwrap_or_else(|| format!("http://{address}"));
        books.endpoints.retain(|endpoint| !endpoint.configured);
        for (number, endpoint) in config.webhook_endpoints.iter().enumerate() {
            books.endpoints.push(configured(number, endpoint));
        }
        let pending = books.pending.clone();
        let core = Core::new(config, public_url.trim_end_matches('/').to_owned(), books);
        for delivery in pending {
            core.courier.resume(&core, delivery, false);
        }
        let saver = tokio::spawn(store::keep_saving(Arc::clone(&core)));
        let (router, stop) = (server::router(Arc::clone(&core)), core.stop.clone());
        let server = tokio::spawn(async move {
            let stopped = async move { stop.cancelled().await };
            if let Err(error) = axum::serve(listener, router).with_graceful_shutdown(stopped).await {
                tracing::error!(%error, "the simulator stopped serving");
            }
        });
        Ok(RunningSim {
            url: format!("http://{address}"),
            address,
            core,
            tasks: Some((server, saver)),
        })
    }
}

fn configured(number: usize, endpoint: &WebhookEndpoint) -> Endpoint {
    Endpoint {
        id: format!("we_configured_{number}"),
        url: endpoint.url.clone(),
        secret: endpoint.secret.clone(),
        previous_secret: endpoint.previous_secret.clone(),
        enabled_events: vec!["*".into()],
        configured: true,
    }
}

/// A simulator at work. Dropping it stops it without waiting; [`RunningSim::shutdown`] waits and saves.
pub struct RunningSim {
    /// Where it listens: `http://127.0.0.1:12111`.
    pub url: String,
    pub address: SocketAddr,
    core: Arc<Core>,
    tasks: Option<(JoinHandle<()>, JoinHandle<()>)>,
}

impl RunningSim {
    /// Queues a fault.
    pub fn fault(&self, fault: Fault) {
        lock(&self.core.faults).push(fault);
    }

    /// Sends events to one more endpoint from now on. An endpoint with the same address is replaced.
    pub fn add_endpoint(&self, endpoint: &WebhookEndpoint) {
        let mut books = lock(&self.core.books);
        books
            .endpoints
            .retain(|known| !(known.configured && known.url == endpoint.url));
        let number = books.endpoints.len();
        books.endpoints.push(configured(number, endpoint));
    }

    /// Moves an account's clock to this second; debits due until then settle. False when the account is unknown or
    /// its clock is already later.
    pub fn move_clock(&self, account: &str, to_seconds: i64) -> bool {
        self.core.move_clock(account, to_seconds)
    }

    /// Waits, bounded, until no webhook is under way; says how many still are.
    pub async fn idle(&self, wait: Duration) -> usize {
        self.core.courier.idle(wait).await
    }

    /// Sends the webhooks held back by `delay_webhook`; says how many.
    pub fn release(&self) -> usize {
        self.core.courier.release(&self.core)
    }

    /// Counts and sums of one account, as `/_sim/state` shows them.
    pub fn state(&self, account: &str) -> Option<Value> {
        summary(&self.core, account)
    }

    /// Exchanges so far, when `SimConfig::record` is set.
    pub fn recorded(&self) -> Vec<Recorded> {
        self.core.recorded()
    }

    /// Serves until something else stops it.
    pub async fn wait(&self) {
        self.core.stop.cancelled().await;
    }

    /// Stops, waits for open requests and writes the data file.
    pub async fn shutdown(mut self) {
        self.core.stop.cancel();
        if let Some((server, saver)) = self.tasks.take() {
            // A browser that keeps its connection open must not keep us.
            drop(tokio::time::timeout(Duration::from_secs(5), server).await);
            drop(saver.await);
        }
    }
}

impl Drop for RunningSim {
    fn drop(&mut self) {
        self.core.stop.cancel();
    }
}

impl std::fmt::Debug for RunningSim {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.debug_struct("RunningSim")
            .field("url", &self.url)
            .finish_non_exhaustive()
    }
}
