//! What is missing or unsafe, as sentences for whoever runs the installation.

use super::anchors::ENDPOINT;
use super::values::{is_live_key, is_stripe};
use super::{Config, Installation};
use std::net::IpAddr;

/// How much a finding weighs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Severity {
    /// Nothing starts before this is mended.
    Refuse,
    /// Worth knowing.
    Warn,
}

/// One thing that was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    pub severity: Severity,
    /// A whole sentence, without any secret.
    pub sentence: String,
}

/// The shortest bearer token for `/metrics` that is worth having.
const METRICS_TOKEN_MIN: usize = 16;
/// The shortest token that may let somebody look after the whole installation.
const PLATFORM_TOKEN_MIN: usize = 24;

#[derive(Default)]
struct Findings(Vec<Finding>);

impl Findings {
    fn refuse(&mut self, when: bool, sentence: impl Into<String>) {
        self.add(when, Severity::Refuse, sentence);
    }
    fn warn(&mut self, when: bool, sentence: impl Into<String>) {
        self.add(when, Severity::Warn, sentence);
    }
    fn add(&mut self, when: bool, severity: Severity, sentence: impl Into<String>) {
        if when {
            self.0.push(Finding {
                severity,
                sentence: sentence.into(),
            });
        }
    }
}

/// Everything that is missing or unsafe in the environment, and in the database where it was looked at.
pub fn check(config: &Config, installation: Option<&Installation>) -> Vec<Finding> {
    let mut found = Findings::default();
    missing(config, &mut found);
    web(config, &mut found);
    mail(config, &mut found);
    payments(config, &mut found);
    anchors(config, &mut found);
    if let Some(installation) = installation {
        database(config, installation, &mut found);
    }
    found.0
}

fn missing(config: &Config, found: &mut Findings) {
    let secret = "COTERIE_SECRET_KEY is not set. Make one with: openssl rand -base64 32";
    found.refuse(config.secret_key.is_none(), secret);
    let keys = "COTERIE_MASTER_KEYS is not set: nothing personal could be sealed. Make one with: echo \"first:$(openssl rand -base64 32)\"";
    found.refuse(config.master_keys.is_none(), keys);
    found.refuse(
        config.app_url.is_none(),
        "APP_DATABASE_URL is not set: pages connect as coterie_app.",
    );
    found.refuse(
        config.worker_url.is_none(),
        "WORKER_DATABASE_URL is not set: workers connect as coterie_worker.",
    );
    found.warn(
        config.owner_url.is_none(),
        "DATABASE_URL is not set: only `coterie migrate` needs it.",
    );
}

fn web(config: &Config, found: &mut Findings) {
    let host = config.public_url.host();
    found.refuse(
        !config.public_url.is_https() && !is_loopback(host),
        format!("COTERIE_PUBLIC_URL is http on {host}: passwords and cookies would travel in the open. Use https."),
    );
    let short = config
        .metrics_token
        .as_ref()
        .is_some_and(|token| token.reveal().len() < METRICS_TOKEN_MIN);
    found.refuse(
        short,
        format!("COTERIE_METRICS_TOKEN is shorter than {METRICS_TOKEN_MIN} characters."),
    );
    let short = config
        .platform_token
        .as_ref()
        .is_some_and(|token| token.reveal().len() < PLATFORM_TOKEN_MIN);
    found.refuse(
        short,
        format!("COTERIE_PLATFORM_TOKEN is shorter than {PLATFORM_TOKEN_MIN} characters."),
    );
    let open = config.metrics_token.is_none() && !is_loopback(host);
    found.warn(
        open,
        "COTERIE_METRICS_TOKEN is not set: anybody who reaches the server can read /metrics.",
    );
}

/// A mail server that is not on this machine is spoken to over TLS or not at all, which `SmtpUrl` sees to.
fn mail(config: &Config, found: &mut Findings) {
    let from = "COTERIE_MAIL_FROM is not set, and mail servers refuse mail without a sender.";
    found.refuse(config.smtp_url.is_some() && config.mail_from.is_none(), from);
    found.warn(
        config.smtp_url.is_none(),
        "COTERIE_SMTP_URL is not set: the mail of live organizations waits.",
    );
    let capture = "COTERIE_CAPTURE_SMTP_URL is not set: the mail of sandboxes waits.";
    found.warn(config.capture_smtp_url.is_none(), capture);
    let same = config.smtp_url.is_some() && config.smtp_url == config.capture_smtp_url;
    found.refuse(
        same,
        "COTERIE_CAPTURE_SMTP_URL and COTERIE_SMTP_URL are one server: sandboxes would send real mail.",
    );
}

fn payments(config: &Config, found: &mut Findings) {
    match &config.stripe {
        None => found.warn(true, "STRIPE_SECRET_KEY is not set: live organizations cannot charge."),
        Some(stripe) => {
            let elsewhere = stripe.is_live() && !stripe.is_at_stripe();
            found.refuse(
                elsewhere,
                "STRIPE_SECRET_KEY is a live key and STRIPE_API_URL is not Stripe: the key would be given away.",
            );
            let unsigned = "STRIPE_WEBHOOK_SECRET is not set: webhooks could not be told from forged ones.";
            found.refuse(stripe.webhook_secrets.is_empty(), unsigned);
            let plain = stripe.api_url.starts_with("http://") && !is_loopback_url(&stripe.api_url);
            found.refuse(
                plain,
                "STRIPE_API_URL is http on another machine: the key would travel in the open.",
            );
        }
    }
    match &config.simulator {
        None => found.warn(true, "COTERIE_SIM_URL is not set: sandboxes cannot pay."),
        Some(simulator) => {
            found.refuse(
                is_stripe(&simulator.url),
                "COTERIE_SIM_URL is Stripe: sandboxes pay through the simulator only.",
            );
            found.refuse(
                is_live_key(&simulator.key),
                "COTERIE_SIM_KEY is a live key, which the simulator must never see.",
            );
            let unsigned = "COTERIE_SIM_WEBHOOK_SECRET is not set: the simulator's webhooks could not be believed.";
            found.refuse(simulator.webhook_secret.is_none(), unsigned);
        }
    }
}

fn anchors(config: &Config, found: &mut Findings) {
    let anchors = &config.anchors;
    found.warn(
        anchors.url.is_none(),
        "COTERIE_ANCHOR_URL is not set: whoever rules the database could rewrite a whole log unseen.",
    );
    found.refuse(
        anchors.url.is_some() && anchors.key.is_none(),
        "COTERIE_ANCHOR_KEY is not set: anchors could not be signed. Make one with: openssl rand -base64 32",
    );
    let plain = anchors.bucket.iter().any(|(name, value)| {
        *name == ENDPOINT && value.reveal().starts_with("http://") && !is_loopback_url(value.reveal())
    });
    found.refuse(
        plain,
        "AWS_ENDPOINT_URL is http on another machine: anchors could be changed on their way.",
    );
}

fn database(config: &Config, installation: &Installation, found: &mut Findings) {
    for sentence in &installation.unreachable {
        found.refuse(true, sentence.clone());
    }
    let live = installation.live_organizations || config.is_for_live();
    let severity = if live { Severity::Refuse } else { Severity::Warn };
    for role in &installation.roles {
        let (variable, name) = (role.variable, &role.name);
        for setting in role.durability.off() {
            let sentence = if live {
                format!("PostgreSQL has {setting} off for {name}: a crash would lose payments of live organizations.")
            } else {
                format!("PostgreSQL has {setting} off for {name}: a crash may lose what sandboxes did.")
            };
            found.add(true, severity, sentence);
        }
        let reason = "every organization's rows would lie open.";
        found.refuse(
            role.superuser,
            format!("{variable} connects as {name}, a superuser: {reason}"),
        );
        found.refuse(
            role.bypasses_rls && !role.superuser,
            format!("{variable} connects as {name}, which bypasses row-level security: {reason}"),
        );
        let owner = installation.owner.as_deref() == Some(name.as_str());
        found.refuse(
            owner,
            format!("{variable} connects as {name}, the role of DATABASE_URL. Use a role that owns nothing."),
        );
        found.refuse(
            role.owns_tables && !owner && !role.superuser,
            format!("{variable} connects as {name}, which owns tables and could lift row-level security from them."),
        );
    }
}

fn is_loopback(host: &str) -> bool {
    let ip = host.trim_start_matches('[').trim_end_matches(']').parse::<IpAddr>();
    host == "localhost" || host.ends_with(".localhost") || ip.is_ok_and(|ip| ip.is_loopback())
}

fn is_loopback_url(text: &str) -> bool {
    url::Url::parse(text).is_ok_and(|url| url.host_str().is_some_and(is_loopback))
}
