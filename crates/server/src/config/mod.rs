//! What the environment decides, read once and typed. Secrets are never printed: their debug forms show nothing, and no
//! sentence here repeats a value that may hold one.

mod anchors;
mod check;
mod database;
mod read;
#[cfg(test)]
mod tests;
mod values;

pub use anchors::AnchorConfig;
pub use check::{Finding, Severity, check};
pub use database::{Durability, Installation, Role, examine};
pub use read::ConfigErrors;
pub use values::{DatabaseUrl, LogFormat, Secret, SimulatorConfig, StripeLive};

use coterie_app::secret::{Keyring, SecretKey};
use coterie_web::PublicUrl;
use coterie_worker::mail::{Address, SmtpUrl};
use std::net::SocketAddr;

/// How variables are looked up; a test hands its own.
pub type Env<'a> = &'a dyn Fn(&str) -> Option<String>;

/// Everything that the environment says. What is absent is `None` and asked for by the command that needs it.
#[derive(Debug, Clone)]
pub struct Config {
    /// `DATABASE_URL`: whoever owns the tables; only migrations need it.
    pub owner_url: Option<DatabaseUrl>,
    /// `APP_DATABASE_URL`: pages and use cases.
    pub app_url: Option<DatabaseUrl>,
    /// `WORKER_DATABASE_URL`: followers and jobs.
    pub worker_url: Option<DatabaseUrl>,
    /// `COTERIE_APP_PASSWORD` and `COTERIE_WORKER_PASSWORD`: what `migrate` gives the two roles.
    pub app_password: Option<Secret>,
    pub worker_password: Option<Secret>,
    /// `COTERIE_BIND`, 127.0.0.1:8080 unless set.
    pub bind: SocketAddr,
    /// `COTERIE_PUBLIC_URL`, <http://localhost:8080> unless set.
    pub public_url: PublicUrl,
    /// `COTERIE_SECRET_KEY`: 32 bytes in base64.
    pub secret_key: Option<SecretKey>,
    /// `COTERIE_MASTER_KEYS`: `id:base64[,id:base64...]`, the newest first; they wrap what personal data is sealed with.
    pub master_keys: Option<Keyring>,
    /// `COTERIE_METRICS_TOKEN`: what `/metrics` wants as a bearer token.
    pub metrics_token: Option<Secret>,
    /// `COTERIE_PLATFORM_TOKEN`: by which whoever runs the installation signs in at its own host.
    pub platform_token: Option<Secret>,
    /// `COTERIE_WORK_BIND`: where `work` answers `/metrics`, `/healthz` and `/readyz`; nowhere unless set.
    pub work_bind: Option<SocketAddr>,
    /// `COTERIE_SMTP_URL`: takes the mail of live organizations.
    pub smtp_url: Option<SmtpUrl>,
    /// `COTERIE_CAPTURE_SMTP_URL`: takes the mail of sandboxes and lets none of it out.
    pub capture_smtp_url: Option<SmtpUrl>,
    /// `COTERIE_MAIL_FROM`.
    pub mail_from: Option<Address>,
    /// `STRIPE_SECRET_KEY` and its companions: live organizations.
    pub stripe: Option<StripeLive>,
    /// `COTERIE_SIM_URL` and its companions: sandboxes.
    pub simulator: Option<SimulatorConfig>,
    /// `COTERIE_ANCHOR_URL` and its companions: where heads are published.
    pub anchors: AnchorConfig,
    /// `COTERIE_LOG`: `json` or `pretty`.
    pub log: LogFormat,
    /// `RUST_LOG`, `info` without PostgreSQL's notices unless set.
    pub log_filter: String,
}

impl Config {
    /// Whether the installation is set up to charge real cards or to send real mail.
    pub fn is_for_live(&self) -> bool {
        self.smtp_url.is_some() || self.stripe.as_ref().is_some_and(StripeLive::is_live)
    }
}
