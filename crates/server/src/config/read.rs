use super::values::{DatabaseUrl, LogFormat, Secret, SimulatorConfig, StripeLive};
use super::{Config, Env};
use coterie_app::secret::{Keyring, SecretKey};
use std::fmt;
use std::str::FromStr;

/// PostgreSQL tells of every table that is there already.
const LOG_FILTER: &str = "info,sqlx::postgres::notice=warn";
const STRIPE_API: &str = "https://api.stripe.com";
const SIMULATOR_KEY: &str = "sk_test_coterie";

/// Every variable that is set and cannot be read, a sentence each. No sentence repeats a value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConfigErrors(pub Vec<String>);

impl fmt::Display for ConfigErrors {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0.join(" "))
    }
}
impl std::error::Error for ConfigErrors {}

/// Reads variables and notes what cannot be read, so that all of it is told at once.
pub(super) struct Reader<'a> {
    env: Env<'a>,
    errors: Vec<String>,
}

impl Reader<'_> {
    /// An empty variable is an absent one: compose files cannot unset.
    pub(super) fn text(&self, name: &str) -> Option<String> {
        (self.env)(name)
            .map(|text| text.trim().to_owned())
            .filter(|text| !text.is_empty())
    }
    pub(super) fn secret(&self, name: &str) -> Option<Secret> {
        self.text(name).map(Secret::new)
    }
    pub(super) fn read<T>(&mut self, name: &str, expected: &str, parse: impl FnOnce(&str) -> Option<T>) -> Option<T> {
        let parsed = parse(&self.text(name)?);
        if parsed.is_none() {
            self.errors.push(format!("{name} is not {expected}."));
        }
        parsed
    }
    pub(super) fn parse<T: FromStr>(&mut self, name: &str, expected: &str) -> Option<T> {
        self.read(name, expected, |text| text.parse().ok())
    }
    fn web_address(&mut self, name: &str) -> Option<String> {
        self.read(
            name,
            "an address such as https://api.stripe.com, without a path",
            |text| {
                let url = url::Url::parse(text).ok()?;
                let plain = matches!(url.scheme(), "http" | "https") && url.has_host() && url.path() == "/";
                plain.then(|| text.trim_end_matches('/').to_owned())
            },
        )
    }
}

impl Config {
    /// Reads every variable.
    ///
    /// # Errors
    /// [`ConfigErrors`] names each variable that is set and cannot be read. What is missing is no error here.
    pub fn from_env(env: Env<'_>) -> Result<Self, ConfigErrors> {
        let mut reader = Reader {
            env,
            errors: Vec::new(),
        };
        let database = "a URL such as postgres://user:password@host:5432/database";
        let mail_server = "a mail server's URL such as smtps://user:password@mail.example.com";
        let config = Self {
            owner_url: reader.parse::<DatabaseUrl>("DATABASE_URL", database),
            app_url: reader.parse::<DatabaseUrl>("APP_DATABASE_URL", database),
            worker_url: reader.parse::<DatabaseUrl>("WORKER_DATABASE_URL", database),
            app_password: reader.secret("COTERIE_APP_PASSWORD"),
            worker_password: reader.secret("COTERIE_WORKER_PASSWORD"),
            bind: reader
                .parse("COTERIE_BIND", "an address and port such as 127.0.0.1:8080")
                .unwrap_or_else(|| ([127, 0, 0, 1], 8080).into()),
            public_url: public_url(&mut reader)?,
            secret_key: reader.read("COTERIE_SECRET_KEY", "32 bytes in base64", SecretKey::from_base64),
            master_keys: master_keys(&mut reader),
            metrics_token: reader.secret("COTERIE_METRICS_TOKEN"),
            platform_token: reader.secret("COTERIE_PLATFORM_TOKEN"),
            work_bind: reader.parse("COTERIE_WORK_BIND", "an address and port such as 127.0.0.1:8081"),
            smtp_url: reader.parse("COTERIE_SMTP_URL", mail_server),
            capture_smtp_url: reader.parse("COTERIE_CAPTURE_SMTP_URL", mail_server),
            mail_from: reader.parse(
                "COTERIE_MAIL_FROM",
                "an email address such as Coterie <hello@example.com>",
            ),
            stripe: stripe(&mut reader),
            simulator: simulator(&mut reader),
            anchors: super::anchors::read(&mut reader),
            log: reader
                .read("COTERIE_LOG", "json or pretty", |text| match text {
                    "json" => Some(LogFormat::Json),
                    "pretty" => Some(LogFormat::Pretty),
                    _ => None,
                })
                .unwrap_or_default(),
            log_filter: reader.text("RUST_LOG").unwrap_or_else(|| LOG_FILTER.to_owned()),
        };
        if reader.errors.is_empty() {
            Ok(config)
        } else {
            Err(ConfigErrors(reader.errors))
        }
    }
}

/// What is wrong with the list is worth more than that something is; the sentence repeats ids only.
fn master_keys(reader: &mut Reader<'_>) -> Option<Keyring> {
    let name = "COTERIE_MASTER_KEYS";
    match Keyring::parse(&reader.text(name)?) {
        Ok(keys) => Some(keys),
        Err(error) => {
            reader.errors.push(format!("{name} {error}."));
            None
        }
    }
}

fn public_url(reader: &mut Reader<'_>) -> Result<coterie_web::PublicUrl, ConfigErrors> {
    let read = reader.parse(
        "COTERIE_PUBLIC_URL",
        "an address such as https://coterie.example, without a path",
    );
    match read {
        Some(url) => Ok(url),
        // Also where it could not be read, so that the other variables are told as well.
        None => "http://localhost:8080"
            .parse()
            .map_err(|error: coterie_web::host::PublicUrlError| ConfigErrors(vec![error.to_string()])),
    }
}

fn stripe(reader: &mut Reader<'_>) -> Option<StripeLive> {
    let api_url = reader
        .web_address("STRIPE_API_URL")
        .unwrap_or_else(|| STRIPE_API.to_owned());
    let secrets = ["STRIPE_WEBHOOK_SECRET", "STRIPE_WEBHOOK_SECRETS"];
    let webhook_secrets = secrets
        .into_iter()
        .filter_map(|name| reader.text(name))
        .flat_map(|list| {
            list.split(',')
                .map(|secret| secret.trim().to_owned())
                .collect::<Vec<_>>()
        })
        .filter(|secret| !secret.is_empty())
        .map(Secret::new)
        .collect();
    Some(StripeLive {
        secret_key: reader.secret("STRIPE_SECRET_KEY")?,
        api_url,
        webhook_secrets,
    })
}

fn simulator(reader: &mut Reader<'_>) -> Option<SimulatorConfig> {
    Some(SimulatorConfig {
        url: reader.web_address("COTERIE_SIM_URL")?,
        key: reader
            .secret("COTERIE_SIM_KEY")
            .unwrap_or_else(|| Secret::new(SIMULATOR_KEY)),
        webhook_secret: reader.secret("COTERIE_SIM_WEBHOOK_SECRET"),
    })
}
