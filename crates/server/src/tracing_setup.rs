//! Log lines. Request id, tenant and trace context are fields of the spans that the pages and the jobs open.

use crate::config::{Config, LogFormat};
use std::io::IsTerminal as _;
use tracing_subscriber::{EnvFilter, fmt, layer::SubscriberExt as _, util::SubscriberInitExt as _};

/// Writes log lines to standard error from now on, so that standard output stays a command's answer. Where somebody
/// else has installed a subscriber, as tests do, that one stays.
pub fn install(config: &Config) {
    let filter = EnvFilter::try_new(&config.log_filter).unwrap_or_else(|_| EnvFilter::new("info"));
    let registry = tracing_subscriber::registry().with(filter);
    let lines = fmt::layer()
        .with_ansi(std::io::stderr().is_terminal())
        .with_writer(std::io::stderr);
    let installed = match config.log {
        LogFormat::Json => registry
            .with(lines.json().flatten_event(true).with_current_span(true))
            .try_init(),
        LogFormat::Pretty => registry.with(lines.compact()).try_init(),
    };
    if installed.is_err() {
        tracing::debug!("log lines go where they went before");
    }
}
