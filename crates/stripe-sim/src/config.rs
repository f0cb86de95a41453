//! How a simulator is set up.

use std::fmt;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

/// Tells wall time in seconds since 1970-01-01T00:00:00Z. Accounts without a clock of their own live by it, and
/// signatures are dated by it.
#[derive(Clone)]
pub struct WallClock(pub Arc<dyn Fn() -> i64 + Send + Sync>);

impl WallClock {
    /// The machine's clock.
    pub fn system() -> Self {
        Self(Arc::new(|| jiff::Timestamp::now().as_second()))
    }

    pub(crate) fn seconds(&self) -> i64 {
        (self.0)()
    }
}

impl fmt::Debug for WallClock {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "WallClock({})", self.seconds())
    }
}

/// Where events are sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WebhookEndpoint {
    pub url: String,
    /// The whole secret, `whsec_` included, is the key.
    pub secret: String,
    /// During a rotation both sign.
    pub previous_secret: Option<String>,
}

impl WebhookEndpoint {
    pub fn new(url: impl Into<String>, secret: impl Into<String>) -> Self {
        Self {
            url: url.into(),
            secret: secret.into(),
            previous_secret: None,
        }
    }
}

/// Settings; `SimConfig::default()` is a simulator in memory on a free port of 127.0.0.1.
#[derive(Debug, Clone)]
pub struct SimConfig {
    pub bind: SocketAddr,
    /// The address that browsers reach the hosted pages at; the bound address when `None`.
    pub public_url: Option<String>,
    /// The only key accepted; any `sk_test_` or `rk_test_` key when `None`.
    pub api_key: Option<String>,
    pub webhook_endpoints: Vec<WebhookEndpoint>,
    /// Keeps everything in this one JSON file between starts.
    pub data_file: Option<PathBuf>,
    /// Deliveries tried per event before it is given up.
    pub webhook_attempts: u32,
    /// Pause after the first failed delivery; doubles up to 2 s.
    pub webhook_backoff: Duration,
    /// For one delivery, answer included.
    pub webhook_timeout: Duration,
    /// How long an injected timeout keeps the connection before closing it without an answer.
    pub hold: Duration,
    /// Keep requests and answers for [`crate::RunningSim::recorded`].
    pub record: bool,
    pub wall_clock: WallClock,
}

impl Default for SimConfig {
    fn default() -> Self {
        Self {
            bind: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)),
            public_url: None,
            api_key: None,
            webhook_endpoints: Vec::new(),
            data_file: None,
            webhook_attempts: 12,
            webhook_backoff: Duration::from_millis(50),
            webhook_timeout: Duration::from_secs(10),
            hold: Duration::from_mins(1),
            record: false,
            wall_clock: WallClock::system(),
        }
    }
}
