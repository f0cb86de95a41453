//! The whole house in one process: pages, worker, simulator and inbox. The demo and the tests run it; an installation
//! runs `serve` and `work` instead. It has no way out to real cards or real mail.

use crate::config::DatabaseUrl;
use crate::inbox::{self, Inbox, RunningInbox};
use crate::migrate::{MigrateError, migrate};
use crate::wiring;
use coterie_app::{
    App, AppConfig,
    secret::{Keyring, SecretKey},
};
use coterie_gateway::GatewayError;
use coterie_stripe_sim::{RunningSim, Sim, SimConfig, SimError, WebhookEndpoint};
use coterie_web::{Channel, House, PublicUrl, RouteEntry, WebConfig};
use coterie_worker::anchors::Anchors;
use coterie_worker::mail::{Address, AddressError, SmtpUrlError, Transports};
use coterie_worker::queue::Wake;
use coterie_worker::{ChainUrls, SimControl, WorkerConfig};
use sqlx::PgPool;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use tokio_util::sync::{CancellationToken, DropGuard};

/// Where the gateway's webhooks arrive, below the public URL.
pub const WEBHOOK_PATH: &str = "/webhooks/stripe";
/// The platform's key at the simulator, which takes any test key.
const SIMULATOR_KEY: &str = "sk_test_coterie";
const MAIL_FROM: &str = "Coterie <house@coterie.example>";
/// Connections: pages and worker together stay at 20.
const APP_POOL: u32 = 8;
const WORKER_POOL: u32 = 12;

/// How to start it.
#[derive(Debug, Clone)]
pub struct StackConfig {
    /// Whoever owns the tables; where it is set, migrations run first.
    pub owner_url: Option<DatabaseUrl>,
    /// `coterie_app`.
    pub app_url: DatabaseUrl,
    /// `coterie_worker`.
    pub worker_url: DatabaseUrl,
    /// Where the pages listen; port 0 for any free one. Chains live at `http://{slug}.localhost:{port}`.
    pub bind: SocketAddr,
    /// Where the simulator, the mail server and the page of received mail listen. Fixed ports keep addresses over a
    /// restart.
    pub simulator_bind: SocketAddr,
    pub mail_bind: SocketAddr,
    pub inbox_bind: SocketAddr,
    /// Mail and the simulator's books are kept here; without it they are forgotten at the end.
    pub data: Option<PathBuf>,
    /// A restart on the same database needs the same one.
    pub secret: SecretKey,
    /// So do these.
    pub keys: Keyring,
    /// Where heads are published, if anywhere.
    pub anchors: Option<Anchors>,
    /// Signs the simulator's webhooks.
    pub webhook_secret: String,
    /// By which whoever runs the installation signs in at its own host; made up unless set.
    pub platform_token: String,
    /// A password hash's memory in KiB and passes; the safe defaults unless set.
    pub password_cost: Option<(u32, u32)>,
    /// Keeps the simulator's exchanges, for [`RunningSim::recorded`].
    pub record: bool,
}

impl StackConfig {
    /// Everything on free loopback ports, nothing kept.
    pub fn new(app_url: DatabaseUrl, worker_url: DatabaseUrl, secret: SecretKey, keys: Keyring) -> Self {
        let free = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
        Self {
            owner_url: None,
            app_url,
            worker_url,
            bind: free,
            simulator_bind: free,
            mail_bind: free,
            inbox_bind: free,
            data: None,
            secret,
            keys,
            anchors: None,
            webhook_secret: format!("whsec_{:032x}", rand::random::<u128>()),
            platform_token: coterie_app::secret::opaque_token("ct_"),
            password_cost: None,
            record: false,
        }
    }
}

/// Why the house did not start.
#[derive(Debug, thiserror::Error)]
pub enum StackError {
    #[error("the database could not be migrated: {0}")]
    Migrate(#[from] MigrateError),
    #[error("the inbox could not start: {0}")]
    Inbox(#[source] std::io::Error),
    #[error("could not listen on {address}: {source}")]
    Listen {
        address: SocketAddr,
        source: std::io::Error,
    },
    #[error("the simulator could not start: {0}")]
    Simulator(#[from] SimError),
    #[error("the gateway's client could not start: {0}")]
    Gateway(#[source] Box<GatewayError>),
    #[error("the mail server's address: {0}")]
    Mail(#[from] SmtpUrlError),
    #[error("the sender of mail: {0}")]
    Sender(#[from] AddressError),
    #[error("the public address {0} is none")]
    PublicUrl(String),
}

impl From<GatewayError> for StackError {
    fn from(error: GatewayError) -> Self {
        Self::Gateway(Box::new(error))
    }
}

/// The whole house.
pub struct Stack;

impl Stack {
    /// Starts everything; returns once requests are accepted.
    ///
    /// # Errors
    /// [`StackError`] names what did not start; what had started is stopped.
    pub async fn start(config: StackConfig) -> Result<RunningStack, StackError> {
        if let Some(owner) = &config.owner_url {
            migrate(owner, None, None).await?;
        }
        // Bound first: its port is in the addresses that everything else is told.
        let listener = listen(config.bind).await?;
        let port = listener
            .local_addr()
            .map_err(|source| StackError::Listen {
                address: config.bind,
                source,
            })?
            .port();
        let public_url = format!("http://localhost:{port}");
        let inbox = Inbox::start(config.mail_bind, config.data.as_ref().map(|data| data.join("mail")))
            .await
            .map_err(StackError::Inbox)?;
        let inbox_listener = listen(config.inbox_bind).await?;
        let sim = Sim::start(simulator(&config, &public_url)).await?;

        let mut settings = AppConfig::new(config.secret.clone(), config.keys.clone());
        if let Some((memory_kib, passes)) = config.password_cost {
            (settings.password_memory_kib, settings.password_passes) = (memory_kib, passes);
        }
        let app = App::new(wiring::pages_pool(&config.app_url, APP_POOL), settings.clone());
        let worker_pool = wiring::pool(&config.worker_url, WORKER_POOL);
        let worker_app = App::new(worker_pool.clone(), settings);
        let gateway = wiring::gateway(SIMULATOR_KEY, &sim.url)?;
        let wake = Wake::default();
        let worker = WorkerConfig {
            app: worker_app,
            live_gateway: None,
            sandbox_gateway: Some(gateway.clone()),
            sim: Some(SimControl {
                base: sim.url.clone(),
                client: reqwest::Client::new(),
            }),
            transports: Transports {
                capture: inbox.url().parse()?,
                live: None,
            },
            mail_from: MAIL_FROM.parse::<Address>()?,
            urls: ChainUrls {
                public: public_url
                    .parse()
                    .map_err(|_| StackError::PublicUrl(public_url.clone()))?,
            },
            wake: wake.clone(),
            anchors: config.anchors.clone(),
        };
        let house = House {
            app: app.clone(),
            live: None,
            sandbox: Some(Channel {
                gateway,
                webhook_secrets: vec![config.webhook_secret],
                livemode: false,
            }),
        };
        let web_config = WebConfig {
            public_url: public_url
                .parse::<PublicUrl>()
                .map_err(|_| StackError::PublicUrl(public_url.clone()))?,
            metrics_token: None,
        };
        let state = wiring::web_state(house, web_config).with_platform_token(&config.platform_token);
        let (pages, routes) = coterie_web::router(state);
        let inbox_url = address_of(&inbox_listener, config.inbox_bind)?;
        let (serving, working) = (CancellationToken::new(), CancellationToken::new());
        let servers = vec![
            tokio::spawn(serve(listener, pages, serving.clone())),
            tokio::spawn(serve(inbox_listener, inbox::pages(inbox.inbox()), serving.clone())),
        ];
        let work = tokio::spawn(work(worker, working.clone()));
        let work_ends = working.clone();
        Ok(RunningStack {
            public_url,
            inbox_url,
            platform_token: config.platform_token,
            inbox,
            sim,
            app,
            worker_pool,
            routes,
            wake,
            serving: serving.drop_guard(),
            working: working.drop_guard(),
            work_ends,
            servers,
            work,
        })
    }
}

fn simulator(config: &StackConfig, public_url: &str) -> SimConfig {
    let endpoint = WebhookEndpoint::new(format!("{public_url}{WEBHOOK_PATH}"), config.webhook_secret.clone());
    SimConfig {
        bind: config.simulator_bind,
        data_file: config.data.as_ref().map(|data| data.join("stripe-sim.json")),
        webhook_endpoints: vec![endpoint],
        record: config.record,
        ..SimConfig::default()
    }
}

async fn listen(address: SocketAddr) -> Result<TcpListener, StackError> {
    TcpListener::bind(address)
        .await
        .map_err(|source| StackError::Listen { address, source })
}

fn address_of(listener: &TcpListener, asked: SocketAddr) -> Result<String, StackError> {
    let address = listener
        .local_addr()
        .map_err(|source| StackError::Listen { address: asked, source })?;
    Ok(format!("http://{address}"))
}

async fn serve(listener: TcpListener, router: axum::Router, cancel: CancellationToken) {
    if let Err(error) = wiring::serve_until(listener, router, cancel).await {
        tracing::error!(%error, "a server of the stack stopped");
    }
}

async fn work(config: WorkerConfig, cancel: CancellationToken) {
    if let Err(error) = Box::pin(coterie_worker::run(config, cancel)).await {
        tracing::error!(%error, "the worker of the stack stopped");
    }
}

/// The house at work. Dropping it stops it without waiting; [`RunningStack::shutdown`] waits.
pub struct RunningStack {
    /// `http://localhost:{port}`: the installation's own pages. Chains are at `{slug}.localhost`.
    pub public_url: String,
    /// Where the received mail is shown.
    pub inbox_url: String,
    /// Signs whoever runs the installation in at [`RunningStack::public_url`].
    pub platform_token: String,
    /// Takes the mail of sandboxes.
    pub inbox: RunningInbox,
    /// Takes their payments.
    pub sim: RunningSim,
    /// Use cases as the pages carry them out.
    pub app: App,
    /// The worker role's pool.
    pub worker_pool: PgPool,
    /// Every route of the pages with who may use it.
    pub routes: Vec<RouteEntry>,
    /// Tells the worker that something was committed.
    pub wake: Wake,
    serving: DropGuard,
    working: DropGuard,
    work_ends: CancellationToken,
    servers: Vec<JoinHandle<()>>,
    work: JoinHandle<()>,
}

impl RunningStack {
    /// The address of a chain: `http://{slug}.localhost:{port}`.
    pub fn chain_url(&self, slug: &str) -> String {
        self.public_url.replacen("://", &format!("://{slug}."), 1)
    }

    /// The name under which a chain is reached: `{slug}.localhost`.
    pub fn chain_host(slug: &str) -> String {
        format!("{slug}.localhost")
    }

    /// Stops the work and leaves the pages, as where another process works: what is committed from here on is followed by nobody.
    pub fn stop_working(&self) {
        self.work_ends.cancel();
    }

    /// Stops in the order in which work comes in: first nobody may ask, then what was asked for is finished, then those
    /// whom it talks to go, the database last.
    pub async fn shutdown(self) {
        let Self {
            inbox,
            sim,
            app,
            worker_pool,
            serving,
            working,
            servers,
            work,
            ..
        } = self;
        let (serving, working) = (serving.disarm(), working.disarm());
        serving.cancel();
        for server in servers {
            drop(server.await);
        }
        working.cancel();
        drop(work.await);
        sim.shutdown().await;
        drop(inbox);
        app.pool.close().await;
        worker_pool.close().await;
    }
}

impl std::fmt::Debug for RunningStack {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("RunningStack")
            .field("public_url", &self.public_url)
            .finish_non_exhaustive()
    }
}
