use sqlx::postgres::PgConnectOptions;
use std::fmt;
use std::str::FromStr;

/// A text that must not be seen. Its debug form shows nothing.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }
    /// The text itself, for whoever it is meant for.
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Secret(..)")
    }
}

/// Where a PostgreSQL database is and as whom to connect; shown without its password.
#[derive(Clone)]
pub struct DatabaseUrl {
    options: PgConnectOptions,
    shown: String,
}

impl DatabaseUrl {
    /// The options of a connection.
    pub fn options(&self) -> PgConnectOptions {
        self.options.clone()
    }
    /// The user that the URL names.
    pub fn user(&self) -> &str {
        self.options.get_username()
    }
}

impl FromStr for DatabaseUrl {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        let url = url::Url::parse(text).map_err(|_| ())?;
        if !matches!(url.scheme(), "postgres" | "postgresql") {
            return Err(());
        }
        let options = PgConnectOptions::from_str(text).map_err(|_| ())?;
        let database = options.get_database().unwrap_or_default().to_owned();
        let shown = format!(
            "postgres://{}@{}:{}/{database}",
            options.get_username(),
            options.get_host(),
            options.get_port()
        );
        Ok(Self { options, shown })
    }
}

impl fmt::Display for DatabaseUrl {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.shown)
    }
}

impl fmt::Debug for DatabaseUrl {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.shown)
    }
}

/// How log lines are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum LogFormat {
    /// For people at a terminal.
    #[default]
    Pretty,
    /// One JSON object per line.
    Json,
}

/// Stripe for live organizations.
#[derive(Debug, Clone)]
pub struct StripeLive {
    /// `STRIPE_SECRET_KEY`.
    pub secret_key: Secret,
    /// `STRIPE_API_URL`, <https://api.stripe.com> unless set.
    pub api_url: String,
    /// `STRIPE_WEBHOOK_SECRET`, or `STRIPE_WEBHOOK_SECRETS` separated by commas during a rotation.
    pub webhook_secrets: Vec<Secret>,
}

impl StripeLive {
    /// Whether the key moves real money.
    pub fn is_live(&self) -> bool {
        is_live_key(&self.secret_key)
    }
    /// Whether requests go to Stripe itself.
    pub fn is_at_stripe(&self) -> bool {
        is_stripe(&self.api_url)
    }
}

/// The simulator that sandboxes pay through.
#[derive(Debug, Clone)]
pub struct SimulatorConfig {
    /// `COTERIE_SIM_URL`.
    pub url: String,
    /// `COTERIE_SIM_KEY`, `sk_test_coterie` unless set.
    pub key: Secret,
    /// `COTERIE_SIM_WEBHOOK_SECRET`.
    pub webhook_secret: Option<Secret>,
}

pub(super) fn is_live_key(key: &Secret) -> bool {
    key.reveal().starts_with("sk_live_") || key.reveal().starts_with("rk_live_")
}

pub(super) fn is_stripe(url: &str) -> bool {
    let host = url::Url::parse(url)
        .ok()
        .and_then(|url| url.host_str().map(str::to_owned));
    host.is_some_and(|host| host == "stripe.com" || host.ends_with(".stripe.com"))
}
