use super::CliError;
use crate::config::{Config, Secret};
use crate::{boot, tracing_setup, wiring};
use coterie_app::{App, AppConfig};
use coterie_web::{Channel, House, WebConfig};
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

/// `coterie serve`: pages, API and webhooks until cancelled.
pub(super) async fn run(config: &Config, cancel: CancellationToken) -> Result<(), CliError> {
    tracing_setup::install(config);
    boot::allowed(config).await?;
    let app_url = config.app_url.as_ref().ok_or(CliError::Missing("APP_DATABASE_URL"))?;
    let secret = config
        .secret_key
        .clone()
        .ok_or(CliError::Missing("COTERIE_SECRET_KEY"))?;
    let keys = config
        .master_keys
        .clone()
        .ok_or(CliError::Missing("COTERIE_MASTER_KEYS"))?;
    let app = App::new(wiring::pages_pool(app_url, wiring::POOL), AppConfig::new(secret, keys));
    let house = House {
        app: app.clone(),
        live: live(config)?,
        sandbox: sandbox(config)?,
    };
    let web = WebConfig {
        public_url: config.public_url.clone(),
        metrics_token: config.metrics_token.as_ref().map(|token| token.reveal().to_owned()),
    };
    let mut state = wiring::web_state(house, web);
    if let Some(token) = &config.platform_token {
        state = state.with_platform_token(token.reveal());
    }
    let (router, _) = coterie_web::router(state);
    let listening = TcpListener::bind(config.bind).await;
    let listener = listening.map_err(|source| CliError::Listen(config.bind, source))?;
    tracing::info!(bind = %config.bind, public_url = %config.public_url, "serving");
    wiring::serve_until(listener, router, cancel)
        .await
        .map_err(|source| CliError::Listen(config.bind, source))?;
    app.pool.close().await;
    tracing::info!("stopped");
    Ok(())
}

fn live(config: &Config) -> Result<Option<Channel>, CliError> {
    let Some(stripe) = &config.stripe else { return Ok(None) };
    Ok(Some(Channel {
        gateway: wiring::gateway(stripe.secret_key.reveal(), &stripe.api_url)?,
        webhook_secrets: revealed(&stripe.webhook_secrets),
        livemode: stripe.is_live(),
    }))
}

fn sandbox(config: &Config) -> Result<Option<Channel>, CliError> {
    let Some(simulator) = &config.simulator else {
        return Ok(None);
    };
    Ok(Some(Channel {
        gateway: wiring::gateway(simulator.key.reveal(), &simulator.url)?,
        webhook_secrets: revealed(simulator.webhook_secret.as_slice()),
        livemode: false,
    }))
}

fn revealed(secrets: &[Secret]) -> Vec<String> {
    secrets.iter().map(|secret| secret.reveal().to_owned()).collect()
}
