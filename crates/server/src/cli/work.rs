use super::{CliError, work_probes};
use crate::config::Config;
use crate::{boot, tracing_setup, wiring};
use coterie_app::{App, AppConfig};
use coterie_worker::mail::{Address, SmtpUrl, Transports};
use coterie_worker::queue::Wake;
use coterie_worker::{ChainUrls, SimControl, WorkerConfig};
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

/// Where nobody said where captured mail goes, it waits for a server here.
const CAPTURE: &str = "smtp://127.0.0.1:2525";

/// `coterie work`: everything that follows the log, until cancelled; jobs in flight are finished.
pub(super) async fn run(config: &Config, cancel: CancellationToken) -> Result<(), CliError> {
    tracing_setup::install(config);
    boot::allowed(config).await?;
    let worker_url = config
        .worker_url
        .as_ref()
        .ok_or(CliError::Missing("WORKER_DATABASE_URL"))?;
    let secret = config
        .secret_key
        .clone()
        .ok_or(CliError::Missing("COTERIE_SECRET_KEY"))?;
    let keys = config
        .master_keys
        .clone()
        .ok_or(CliError::Missing("COTERIE_MASTER_KEYS"))?;
    let app = App::new(wiring::pool(worker_url, wiring::POOL), AppConfig::new(secret, keys));
    let pool = app.pool.clone();
    let simulator = config.simulator.as_ref();
    let live_gateway = match &config.stripe {
        Some(stripe) => Some(wiring::gateway(stripe.secret_key.reveal(), &stripe.api_url)?),
        None => None,
    };
    let sandbox_gateway = match simulator {
        Some(simulator) => Some(wiring::gateway(simulator.key.reveal(), &simulator.url)?),
        None => None,
    };
    let worker = WorkerConfig {
        app,
        live_gateway,
        sandbox_gateway,
        sim: simulator.map(|simulator| SimControl {
            base: simulator.url.clone(),
            client: reqwest::Client::new(),
        }),
        transports: Transports {
            capture: capture(config)?,
            live: config.smtp_url.clone(),
        },
        mail_from: mail_from(config)?,
        urls: ChainUrls {
            public: public_url(config)?,
        },
        wake: Wake::default(),
        anchors: config.anchors.open()?,
    };
    // Before anything is counted.
    drop(wiring::metrics());
    let probes = match config.work_bind {
        Some(bind) => {
            let listening = TcpListener::bind(bind).await;
            let listener = listening.map_err(|source| CliError::Listen(bind, source))?;
            let router = work_probes::router(config, pool.clone());
            Some(tokio::spawn(wiring::serve_until(listener, router, cancel.clone())))
        }
        None => None,
    };
    tracing::info!("working");
    Box::pin(coterie_worker::run(worker, cancel)).await?;
    if let Some(probes) = probes {
        drop(probes.await);
    }
    pool.close().await;
    tracing::info!("stopped");
    Ok(())
}

fn capture(config: &Config) -> Result<SmtpUrl, CliError> {
    let waiting = || {
        CAPTURE
            .parse()
            .map_err(|_| CliError::Missing("COTERIE_CAPTURE_SMTP_URL"))
    };
    config.capture_smtp_url.clone().map_or_else(waiting, Ok)
}

/// Without live mail any sender will do: captured mail goes nowhere.
fn mail_from(config: &Config) -> Result<Address, CliError> {
    let anybody = || {
        let text = format!("Coterie <coterie@{}>", config.public_url.host());
        text.parse().map_err(|_| CliError::Missing("COTERIE_MAIL_FROM"))
    };
    config.mail_from.clone().map_or_else(anybody, Ok)
}

fn public_url(config: &Config) -> Result<url::Url, CliError> {
    config
        .public_url
        .to_string()
        .parse()
        .map_err(|_| CliError::Missing("COTERIE_PUBLIC_URL"))
}
