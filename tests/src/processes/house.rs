//! The whole house as processes on a cluster of its own, with the world outside in the test.

use super::{Cluster, ClusterOptions, Program, binary, free_port};
use crate::{chain, stack};
use coterie_app::App;
use coterie_gateway::{StripeConfig, StripeGateway};
use coterie_server::inbox::{Inbox, RunningInbox};
use coterie_server::stack::WEBHOOK_PATH;
use coterie_stripe_sim::{RunningSim, Sim, SimConfig, WebhookEndpoint};
use sqlx::PgPool;
use std::net::{Ipv4Addr, SocketAddr};
use std::time::{Duration, Instant};
use uuid::Uuid;

const PATIENCE: Duration = Duration::from_mins(1);
const LOOK_AGAIN: Duration = Duration::from_millis(10);
const WEBHOOK_SECRET: &str = "whsec_of_the_house";
/// The secret that [`chain::app`] has too, in base64: both must find the same addresses.
const SECRET: &str = "BwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwc=";
/// [`chain::keys`], likewise.
const MASTER_KEYS: &str = "test:CAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAg=";
/// How often waiting times of the queue and of the outbox are cut short while the house comes to rest.
const HASTEN_EVERY: Duration = Duration::from_secs(1);

/// How to start it.
#[derive(Debug, Clone, Default)]
pub struct HouseOptions {
    pub cluster: ClusterOptions,
    /// Further variables of `serve` and `work`.
    pub variables: Vec<(String, String)>,
}

/// The house. What is dropped first is killed first: programs, then the database, then the world outside.
pub struct House {
    pub server: Option<Program>,
    pub workers: Vec<Program>,
    pub cluster: Cluster,
    pub sim: RunningSim,
    pub inbox: RunningInbox,
    /// Where `serve` listens.
    pub port: u16,
    /// The superuser, who sees everything.
    pub owner: PgPool,
    /// Use cases in the test's own process, for what the API has no words for.
    pub app: App,
    variables: Vec<(String, String)>,
    number: u32,
}

impl House {
    /// Starts PostgreSQL, one server and one worker, and waits until all of them are at work. `None`, with a note, where the
    /// test cannot start a PostgreSQL.
    ///
    /// # Panics
    /// When something does not start.
    pub async fn start(test: &str, options: HouseOptions) -> Option<Self> {
        let Some(cluster) = Cluster::start(options.cluster).await else {
            crate::skip(test, "DATABASE_URL names a PostgreSQL that the test may not kill");
            return None;
        };
        let port = free_port();
        let free = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
        let inbox = Inbox::start(free, None).await.expect("the inbox starts");
        let endpoint = WebhookEndpoint::new(format!("http://localhost:{port}{WEBHOOK_PATH}"), WEBHOOK_SECRET);
        // The installation's own host takes them. Stripe delivers for three days: here as long as any outage of a test.
        let sim = Sim::start(SimConfig {
            webhook_endpoints: vec![endpoint],
            webhook_attempts: 60,
            ..SimConfig::default()
        });
        let sim = sim.await.expect("the simulator starts");
        let mut house = Self {
            server: None,
            workers: Vec::new(),
            owner: cluster.pool(None),
            app: chain::app(cluster.pool(Some("coterie_app"))),
            port,
            variables: variables(&cluster, &sim, &inbox, port, options.variables),
            cluster,
            sim,
            inbox,
            number: 0,
        };
        house.work();
        house.serve();
        house.ready().await;
        Some(house)
    }

    /// Starts `coterie serve`.
    pub fn serve(&mut self) {
        self.server = Some(self.program("serve"));
    }

    /// Starts one more `coterie work`.
    pub fn work(&mut self) {
        let worker = self.program("work");
        self.workers.push(worker);
    }

    fn program(&mut self, command: &str) -> Program {
        self.number += 1;
        let name = format!("{command}-{}", self.number);
        let log = self.cluster.folder.join(format!("{name}.log"));
        let variables = self.variables.clone();
        Program::start(&name, &binary(), &log, |program| {
            program.arg(command).env_clear().envs(variables);
        })
    }

    /// Adds or replaces a variable for programs that are started from now on.
    pub fn set(&mut self, name: &str, value: &str) {
        self.variables.retain(|(known, _)| known != name);
        self.variables.push((name.to_owned(), value.to_owned()));
    }

    /// The installation's own address.
    pub fn url(&self) -> String {
        format!("http://localhost:{}", self.port)
    }

    /// A client that believes an answer comes or does not come within `timeout`.
    ///
    /// # Panics
    /// Never: it needs nothing of the machine.
    pub fn client(&self, timeout: Duration) -> reqwest::Client {
        let here = SocketAddr::from((Ipv4Addr::LOCALHOST, self.port));
        let builder = reqwest::Client::builder()
            .no_proxy()
            .timeout(timeout)
            .resolve("localhost", here);
        builder.build().expect("a client")
    }

    /// Waits until `/readyz` says yes.
    ///
    /// # Panics
    /// When it does not within a minute, or the server ended.
    pub async fn ready(&mut self) {
        let (client, asked) = (self.client(Duration::from_secs(10)), Instant::now());
        let address = format!("{}/readyz", self.url());
        loop {
            let answer = client.get(&address).send().await;
            if answer.is_ok_and(|answer| answer.status().is_success()) {
                return;
            }
            let server = self.server.as_mut().expect("it was started");
            assert!(server.ended().is_none(), "the server ended: {}", server.tail());
            assert!(asked.elapsed() < PATIENCE, "the server is not ready: {}", server.tail());
            tokio::time::sleep(LOOK_AGAIN).await;
        }
    }

    /// Waits until the workers have handled everything that an organization's log says now.
    ///
    /// # Panics
    /// When they do not within two minutes.
    pub async fn followed(&self, tenant: Uuid) {
        let head = stack::on_its_way(&self.owner, tenant)
            .await
            .expect("the database answers")
            .0;
        self.follow_up_to(tenant, head).await;
    }

    /// Waits until the workers have handled an organization's log up to a position.
    ///
    /// # Panics
    /// When they do not within two minutes.
    pub async fn follow_up_to(&self, tenant: Uuid, target: i64) {
        let followed = stack::followed(&self.owner, tenant, target).await;
        assert!(
            followed.expect("the database answers"),
            "nobody follows the log up to {target}"
        );
    }

    /// Waits until nothing of an organization is on its way. Pauses that workers take before they try again pass at once.
    ///
    /// # Panics
    /// When it does not come to rest; the message says what is on its way.
    pub async fn settle(&self, tenant: Uuid) {
        let (asked, mut hastened, mut quiet_at) = (Instant::now(), Instant::now(), None);
        loop {
            let (head, busy) = stack::on_its_way(&self.owner, tenant)
                .await
                .expect("the database answers");
            match busy {
                None if quiet_at == Some(head) => return,
                None => {
                    self.sim.idle(PATIENCE).await;
                    quiet_at = Some(head);
                }
                Some(what) => {
                    quiet_at = None;
                    assert!(asked.elapsed() < PATIENCE * 2, "not at rest: {what}");
                    if hastened.elapsed() > HASTEN_EVERY {
                        self.hasten().await;
                        hastened = Instant::now();
                    }
                    tokio::time::sleep(LOOK_AGAIN * 2).await;
                }
            }
        }
    }

    /// Time passes for jobs that wait for their next try, and for letters whose worker died or was replaced while it held
    /// them: their lease of three minutes would only be waited for.
    ///
    /// # Panics
    /// When the database fails.
    pub async fn hasten(&self) {
        hasten(&self.owner).await.expect("the database answers");
    }

    /// A gateway that speaks to the simulator as the programs do.
    ///
    /// # Panics
    /// Never: its settings are good.
    pub fn gateway(&self) -> StripeGateway {
        StripeGateway::new(StripeConfig::new("sk_test_coterie", &self.sim.url)).expect("a gateway")
    }
}

async fn hasten(owner: &PgPool) -> Result<(), sqlx::Error> {
    let mut tx = owner.begin().await?;
    sqlx::query(
        "update mail_outbox m set claimed_until = now() where m.claimed_until > now()
           and exists (select from apalis.jobs j where j.idempotency_key = m.tenant_id || ':send_mail:' || m.mail_id
                       and j.status = 'Failed')",
    )
    .execute(&mut *tx)
    .await?;
    sqlx::query("update apalis.jobs set run_at = now() where status in ('Pending', 'Failed') and run_at > now()")
        .execute(&mut *tx)
        .await?;
    tx.commit().await
}

fn variables(
    cluster: &Cluster,
    sim: &RunningSim,
    inbox: &RunningInbox,
    port: u16,
    more: Vec<(String, String)>,
) -> Vec<(String, String)> {
    let ours = [
        ("APP_DATABASE_URL", cluster.url(Some("coterie_app"))),
        ("WORKER_DATABASE_URL", cluster.url(Some("coterie_worker"))),
        ("COTERIE_SECRET_KEY", SECRET.to_owned()),
        ("COTERIE_MASTER_KEYS", MASTER_KEYS.to_owned()),
        ("COTERIE_BIND", format!("127.0.0.1:{port}")),
        ("COTERIE_PUBLIC_URL", format!("http://localhost:{port}")),
        ("COTERIE_SIM_URL", sim.url.clone()),
        ("COTERIE_SIM_WEBHOOK_SECRET", WEBHOOK_SECRET.to_owned()),
        ("COTERIE_CAPTURE_SMTP_URL", inbox.url()),
        ("PATH", std::env::var("PATH").unwrap_or_default()),
        (
            "RUST_LOG",
            std::env::var("COTERIE_CRASH_LOG").unwrap_or_else(|_| "warn".to_owned()),
        ),
    ];
    let mut all: Vec<(String, String)> = ours.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
    all.retain(|(name, _)| !more.iter().any(|(changed, _)| changed == name));
    all.extend(more);
    all
}
