//! Moves a sandbox's clock to where its owner wants it: fires the earliest alarms due, lets followers, jobs, webhooks and
//! the simulator drain, and repeats, so that everything happens in the order of its time.

use crate::{IDLE, REACTIONS, WorkerConfig, alarms, pause, pulse::Signal, queue};
use coterie_app::{
    UseCaseError, alarm, catalogue, projections,
    test_clock::{self, MovingClock},
};
use jiff::Timestamp;
use sqlx::{PgConnection, Row};
use std::time::{Duration, Instant};
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

/// How long one step may take to drain before the advance is given up with a sentence.
const PATIENCE: Duration = Duration::from_mins(2);
/// Whoever moves a clock and is not heard of for so long has lost it to others.
const HEARD_OF: Duration = Duration::from_secs(4);

#[derive(Debug, thiserror::Error)]
enum AdvanceError {
    #[error("an alarm could not be fired: {0}")]
    UseCase(#[from] UseCaseError),
    #[error("the database failed: {0}")]
    Database(#[from] sqlx::Error),
    #[error("the simulator did not answer: {0}")]
    Simulator(#[from] reqwest::Error),
    #[error("not everything that was due came to rest: {0}")]
    Restless(String),
    #[error("the worker is stopping")]
    Stopping,
    #[error("the lock on the clock is lost: {0}")]
    LockLost(sqlx::Error),
}

impl AdvanceError {
    /// Whether it is the database's trouble and not the clock's: then the clock stays on its way.
    fn passes(&self) -> bool {
        match self {
            Self::Database(_) | Self::UseCase(UseCaseError::Database(_)) => true,
            Self::UseCase(error) => error.passes(),
            _ => false,
        }
    }
}

pub(crate) async fn run(config: WorkerConfig, mut clocks: Signal, cancel: CancellationToken) {
    loop {
        clocks.arm();
        let moving = match test_clock::moving(&config.app.pool).await {
            Ok(moving) => moving,
            Err(error) => {
                tracing::warn!(%error, "looking for moving clocks failed; trying again");
                Vec::new()
            }
        };
        for clock in moving {
            match lock(&config, clock.tenant).await {
                // Held until dropped, so that two workers never move one clock.
                Ok(Some(mut held)) => advance(&config, &clock, &mut held, &cancel).await,
                Ok(None) => {}
                Err(error) => tracing::warn!(%error, "a clock's lock could not be taken; trying again"),
            }
        }
        if !clocks.wait(&cancel).await {
            return;
        }
    }
}

/// A session-level advisory lock on a connection of its own; closing the connection frees it. A holder that stands still
/// is not heard of for a while, and PostgreSQL closes its session: others go on.
async fn lock(config: &WorkerConfig, tenant: Uuid) -> Result<Option<ClockLock>, sqlx::Error> {
    let mut connection = config.app.pool.acquire().await?;
    let key = i64::from_be_bytes(tenant.as_bytes()[8..].try_into().unwrap_or_default());
    let locked: bool = sqlx::query_scalar("select pg_try_advisory_lock($1)")
        .bind(key)
        .fetch_one(&mut *connection)
        .await?;
    if !locked {
        return Ok(None);
    }
    let mut connection = connection.detach();
    sqlx::query("select set_config('idle_session_timeout', $1, false)")
        .bind(HEARD_OF.as_millis().to_string())
        .execute(&mut connection)
        .await?;
    Ok(Some(ClockLock { connection }))
}

/// Out of the pool: the lock goes with its session.
struct ClockLock {
    connection: PgConnection,
}

impl ClockLock {
    /// Whether it is still held.
    async fn check(&mut self) -> Result<(), AdvanceError> {
        let asked = sqlx::query("select 1").execute(&mut self.connection).await;
        asked.map(|_| ()).map_err(AdvanceError::LockLost)
    }

    /// Lets itself be heard of until the lock is lost.
    async fn keep(&mut self) -> AdvanceError {
        loop {
            tokio::time::sleep(HEARD_OF / 4).await;
            if let Err(lost) = self.check().await {
                return lost;
            }
        }
    }
}

async fn advance(config: &WorkerConfig, clock: &MovingClock, held: &mut ClockLock, cancel: &CancellationToken) {
    let result = tokio::select! {
        biased;
        lost = held.keep() => Err(lost),
        result = steps(config, clock, cancel) => result,
    };
    // Whoever took over may have arrived already, and its owner may have sent the clock elsewhere.
    let result = match held.check().await {
        Ok(()) => result,
        Err(lost) => Err(lost),
    };
    let ended = match result {
        Ok(()) => test_clock::set(&config.app, clock.tenant, clock.target, true, None).await,
        Err(AdvanceError::Stopping) => return,
        Err(AdvanceError::LockLost(error)) => {
            tracing::warn!(tenant = %clock.tenant, %error, "the lock on a clock was lost; whoever holds it now moves it");
            return;
        }
        Err(error) if error.passes() => {
            tracing::warn!(tenant = %clock.tenant, %error, "a test clock waits; it will be moved again");
            return;
        }
        Err(error) => {
            tracing::error!(tenant = %clock.tenant, %error, "a test clock could not be moved");
            test_clock::set(&config.app, clock.tenant, clock.now, true, Some(&error.to_string())).await
        }
    };
    if let Err(error) = ended {
        tracing::warn!(tenant = %clock.tenant, %error, "a test clock's arrival could not be written; it will be moved again");
    }
}

async fn steps(config: &WorkerConfig, clock: &MovingClock, cancel: &CancellationToken) -> Result<(), AdvanceError> {
    drain(config, clock.tenant, cancel).await?;
    loop {
        let due = alarm::earliest(&config.app.pool, clock.tenant, clock.target).await?;
        let Some(first) = due.first() else { break };
        test_clock::set(&config.app, clock.tenant, first.due_at, false, None).await?;
        move_simulator(config, clock.tenant, first.due_at).await?;
        for batch in due.chunks(alarms::AT_ONCE) {
            if cancel.is_cancelled() {
                return Err(AdvanceError::Stopping);
            }
            alarms::fire(config, batch).await?;
        }
        drain(config, clock.tenant, cancel).await?;
    }
    move_simulator(config, clock.tenant, clock.target).await?;
    drain(config, clock.tenant, cancel).await
}

/// Waits until nothing is on its way: twice in a row with the same head, because the last webhook may just have arrived.
async fn drain(config: &WorkerConfig, tenant: Uuid, cancel: &CancellationToken) -> Result<(), AdvanceError> {
    let started = Instant::now();
    let mut quiet_at: Option<i64> = None;
    loop {
        let (head, busy) = look(config, tenant).await?;
        match busy {
            None if quiet_at == Some(head) => return Ok(()),
            None => {
                simulator_idle(config).await?;
                quiet_at = Some(head);
                continue;
            }
            Some(what) => {
                quiet_at = None;
                if started.elapsed() > PATIENCE {
                    return Err(AdvanceError::Restless(what));
                }
            }
        }
        if !pause(cancel, IDLE / 2).await {
            return Err(AdvanceError::Stopping);
        }
    }
}

/// The log's head, and what is still on its way, in words. Asked over and over while the work itself wants the database:
/// one question, and a second one only where the first finds nothing.
async fn look(config: &WorkerConfig, tenant: Uuid) -> Result<(i64, Option<String>), AdvanceError> {
    let followers: Vec<&str> = projections::ALL.into_iter().chain([REACTIONS]).collect();
    let row = sqlx::query(
        "select h.position as head,
                (select follower from unnest($2::text[]) follower
                 left join public.checkpoint c on c.tenant_id = $1 and c.projection = follower
                 where coalesce(c.position, 0) < h.position limit 1) as behind,
                exists (select from installation.webhook_inbox where tenant_id = $1 and queued_at is null) as webhooks
         from (select coalesce((select position from public.event_head where tenant_id = $1), 0) as position) h",
    )
    .bind(tenant)
    .bind(followers)
    .fetch_one(&config.app.pool)
    .await?;
    let head = row.try_get("head")?;
    if let Some(name) = row.try_get::<Option<String>, _>("behind")? {
        return Ok((head, Some(format!("the projection {name} is behind"))));
    }
    if row.try_get("webhooks")? {
        return Ok((head, Some("webhooks wait".to_owned())));
    }
    let jobs = queue::pending(&mut *config.app.pool.acquire().await?, tenant).await?;
    Ok((head, (jobs > 0).then(|| format!("{jobs} jobs are unfinished"))))
}

async fn simulator_idle(config: &WorkerConfig) -> Result<(), AdvanceError> {
    if let Some(sim) = &config.sim {
        sim.client
            .get(format!("{}/_sim/idle?wait_ms=10000", sim.base))
            .send()
            .await?;
    }
    Ok(())
}

/// The simulator's accounts of the organization keep its time: debits that take days take them there too.
async fn move_simulator(config: &WorkerConfig, tenant: Uuid, now: Timestamp) -> Result<(), AdvanceError> {
    let catalogue = catalogue::read(&config.app, tenant).await?;
    for account in catalogue
        .legal_entities
        .values()
        .filter_map(|entity| entity.stripe_account.as_deref())
    {
        set_simulator(config, account, now).await?;
    }
    Ok(())
}

/// Sets the clock of one account at the simulator.
pub(crate) async fn set_simulator(config: &WorkerConfig, account: &str, now: Timestamp) -> Result<(), reqwest::Error> {
    let Some(sim) = &config.sim else { return Ok(()) };
    let body = serde_json::json!({ "account": account, "now": now.as_second() });
    // 409: its clock is later already, which is where it should be.
    let answer = sim
        .client
        .post(format!("{}/_sim/clock", sim.base))
        .json(&body)
        .send()
        .await?;
    if answer.status() != reqwest::StatusCode::CONFLICT {
        answer.error_for_status()?;
    }
    Ok(())
}
