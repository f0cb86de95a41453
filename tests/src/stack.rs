//! The whole house on a database of its own: pages, worker, simulator and inbox, in the test's process.

use crate::{Database, Person, database};
use coterie_app::organization::{self, CreateOrganization};
use coterie_app::secret::SecretKey;
use coterie_app::{Actor, App, Caller, projections, test_clock};
use coterie_domain::StaffId;
use coterie_domain::organization::Role;
use coterie_server::{RunningStack, Stack, StackConfig};
use jiff::Timestamp;
use sqlx::PgPool;
use std::time::{Duration, Instant};
use uuid::Uuid;

/// How long everything may take to come to rest on a busy machine.
const PATIENCE: Duration = Duration::from_mins(2);
const LOOK_AGAIN: Duration = Duration::from_millis(20);
/// The password of every owner that [`TestStack::open_chain`] makes.
pub const PASSWORD: &str = "correct horse battery";

/// A house for one test.
#[derive(Debug)]
pub struct TestStack {
    /// The house; stopped before its database goes.
    pub house: RunningStack,
    pub db: Database,
}

/// An organization that a test opened.
#[derive(Debug, Clone)]
pub struct OpenedChain {
    pub tenant: Uuid,
    pub slug: String,
    /// `http://{slug}.localhost:{port}`
    pub url: String,
    pub owner: StaffId,
    pub owner_email: String,
}

impl OpenedChain {
    /// The owner, for use cases.
    pub fn owner(&self) -> Caller {
        Caller::new(
            self.tenant,
            Actor::Staff {
                id: self.owner,
                role: Role::Owner,
            },
        )
    }
}

/// Starts the house on a fresh database.
pub async fn stack() -> TestStack {
    stack_with(|_| {}).await
}

/// The same, with settings of the test's own.
///
/// # Panics
/// When the house does not start.
pub async fn stack_with(change: impl FnOnce(&mut StackConfig)) -> TestStack {
    let db = database().await;
    let url = |role| db.url(Some(role)).parse().expect("a database URL");
    let mut config = StackConfig::new(
        url("coterie_app"),
        url("coterie_worker"),
        SecretKey::new([7; 32]),
        crate::chain::keys(),
    );
    // The cheapest hash there is: no test is about guessing passwords.
    config.password_cost = Some((8, 1));
    config.record = true;
    change(&mut config);
    let house = Box::pin(Stack::start(config)).await.expect("the house starts");
    TestStack { house, db }
}

impl TestStack {
    /// Use cases on the application role's pool.
    pub fn app(&self) -> &App {
        &self.house.app
    }

    /// Somebody at the installation's own pages.
    pub fn person(&self) -> Person {
        Person::new(&self.house.public_url)
    }

    /// Somebody at the pages of a chain.
    pub fn person_at(&self, slug: &str) -> Person {
        Person::new(&self.house.chain_url(slug))
    }

    /// Opens a sandbox chain whose test clock begins at an instant.
    ///
    /// # Panics
    /// When it is refused.
    pub async fn open_chain(&self, slug: &str, clock_starts_at: Timestamp) -> OpenedChain {
        let owner_email = format!("owner@{slug}.example");
        let command = CreateOrganization {
            name: format!("{} Coworking", slug[..1].to_uppercase() + &slug[1..]),
            slug: slug.to_owned(),
            sandbox: true,
            clock_starts_at: Some(clock_starts_at),
            host: RunningStack::chain_host(slug),
            owner_name: "Olive Owner".to_owned(),
            owner_email: owner_email.clone(),
            owner_password: PASSWORD.to_owned(),
        };
        let opened = organization::create(self.app(), command)
            .await
            .expect("the chain can be opened")
            .outcome;
        OpenedChain {
            tenant: opened.organization_id.0,
            slug: slug.to_owned(),
            url: self.house.chain_url(slug),
            owner: opened.owner_id,
            owner_email,
        }
    }

    /// Waits until nothing of an organization is on its way: models and reactions at the head, no unfinished job, no
    /// webhook waiting anywhere.
    ///
    /// # Panics
    /// When it does not come to rest; the message says what is still on its way.
    pub async fn settle(&self, tenant: Uuid) {
        self.settle_within(tenant, PATIENCE).await;
    }

    /// The same, where very much is on its way.
    ///
    /// # Panics
    /// As [`TestStack::settle`].
    pub async fn settle_within(&self, tenant: Uuid, patience: Duration) {
        self.house.wake.wake();
        let started = Instant::now();
        let mut quiet_at = None;
        loop {
            let (head, busy) = on_its_way(&self.house.worker_pool, tenant)
                .await
                .expect("the database answers");
            match busy {
                // Twice at the same head: the last webhook may just have been delivered.
                None if quiet_at == Some(head) => return,
                None => {
                    self.house.sim.idle(PATIENCE).await;
                    quiet_at = Some(head);
                }
                Some(what) => {
                    quiet_at = None;
                    assert!(started.elapsed() < patience, "not at rest: {what}");
                    tokio::time::sleep(LOOK_AGAIN).await;
                }
            }
        }
    }

    /// Moves a sandbox's clock and waits until everything that was due has happened.
    ///
    /// # Panics
    /// When the clock is refused or does not arrive.
    pub async fn advance(&self, chain: &OpenedChain, to: Timestamp) {
        let owner = chain.owner();
        test_clock::advance(self.app(), &owner, to)
            .await
            .expect("the clock may be moved");
        let started = Instant::now();
        loop {
            let clock = test_clock::read(self.app(), &owner)
                .await
                .expect("the clock can be read");
            assert_eq!(clock.error, None, "the clock stopped at {}", clock.now);
            if clock.target.is_none() {
                assert!(clock.now >= to, "the clock stands at {}", clock.now);
                return self.settle(chain.tenant).await;
            }
            assert!(started.elapsed() < PATIENCE, "the clock is on its way at {}", clock.now);
            tokio::time::sleep(LOOK_AGAIN).await;
        }
    }

    /// Stops the house in order, then forgets its database.
    pub async fn shutdown(self) {
        self.house.shutdown().await;
    }
}

/// Waits until every model and the reactions have seen a position; `false` when they do not in time.
pub(crate) async fn followed(pool: &PgPool, tenant: Uuid, position: i64) -> Result<bool, sqlx::Error> {
    let names: Vec<&str> = projections::ALL
        .into_iter()
        .chain([coterie_worker::REACTIONS])
        .collect();
    coterie_eventlog::wait_for(pool, tenant, &names, position, PATIENCE).await
}

/// The head, and what is still on its way, in words.
pub(crate) async fn on_its_way(pool: &PgPool, tenant: Uuid) -> Result<(i64, Option<String>), sqlx::Error> {
    let mut tx = pool.begin().await?;
    coterie_eventlog::set_tenant_in_op(&mut tx, tenant).await?;
    let head = coterie_eventlog::head(&mut tx, tenant)
        .await?
        .map_or(0, |head| head.position);
    for name in projections::ALL.into_iter().chain([coterie_worker::REACTIONS]) {
        let checkpoint = coterie_eventlog::checkpoint(&mut tx, tenant, name).await?;
        let (position, parked) = checkpoint.map_or((0, None), |checkpoint| (checkpoint.position, checkpoint.parked));
        if position < head {
            let parked = parked
                .map(|(at, why)| format!(", parked at {at}: {why}"))
                .unwrap_or_default();
            return Ok((head, Some(format!("{name} is at {position} of {head}{parked}"))));
        }
    }
    let jobs = coterie_worker::queue::pending(&mut tx, tenant).await?;
    let webhooks: i64 = sqlx::query_scalar(
        "select count(*) from installation.webhook_inbox where tenant_id = $1 and queued_at is null",
    )
    .bind(tenant)
    .fetch_one(&mut *tx)
    .await?;
    tx.commit().await?;
    let busy = (jobs > 0 || webhooks > 0).then(|| format!("{jobs} jobs and {webhooks} webhooks wait"));
    Ok((head, busy))
}
