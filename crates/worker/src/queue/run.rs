use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use apalis_core::error::WorkerError;
use apalis_core::worker::builder::WorkerBuilder;
use apalis_postgres::PgTask;
use sqlx::PgPool;
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;
use tokio_util::task::AbortOnDropHandle;
use uuid::Uuid;

use super::backend::{Claims, Slot, Slots};
use super::enqueue::Envelope;
use super::handler::{Job, JobError, JobHandler};
use super::settle::{self, Settlement};
use super::{QUEUE, backoff, rescue, sweep};

/// Tells workers of this process that something was committed; without it they notice within
/// [`QueueOptions::poll`]. Cloning shares the channel.
#[derive(Debug, Clone, Default)]
pub struct Wake(Arc<Notify>);

impl Wake {
    /// Call after the commit.
    pub fn wake(&self) {
        self.0.notify_waiters();
    }
}

/// How a worker works.
#[derive(Debug, Clone)]
pub struct QueueOptions {
    /// Jobs at the same time; more than the pool has connections is rarely of use.
    pub concurrency: usize,
    /// How often to look for work: one small index look-up each time, the longest a due job waits.
    pub poll: Duration,
    /// First wait before a retry; doubles with every attempt, with jitter.
    pub backoff_base: Duration,
    /// Longest wait before a retry.
    pub backoff_cap: Duration,
    /// How often the worker says that it lives.
    pub heartbeat: Duration,
    /// After how many missed heartbeats others take its jobs.
    pub missed_heartbeats: u32,
    /// How often finished jobs are swept.
    pub sweep_every: Duration,
    /// Wakes the worker from within the process.
    pub wake: Wake,
}

impl Default for QueueOptions {
    fn default() -> Self {
        Self {
            concurrency: 8,
            poll: Duration::from_millis(25),
            backoff_base: Duration::from_secs(1),
            backoff_cap: Duration::from_secs(3600),
            heartbeat: Duration::from_secs(1),
            missed_heartbeats: 3,
            sweep_every: Duration::from_secs(3600),
            wake: Wake::default(),
        }
    }
}

/// Runs jobs until cancelled, then finishes those in flight and returns. Dropping the future
/// aborts them; another worker takes them over within a few seconds.
///
/// `pool` connects as `coterie_worker`.
///
/// # Panics
/// If two handlers claim one kind, which is a mistake in the program's start-up.
pub async fn run(pool: PgPool, handlers: Vec<Arc<dyn JobHandler>>, options: QueueOptions, cancel: CancellationToken) {
    let mut by_kind = HashMap::new();
    for handler in handlers {
        let kind = handler.kind();
        assert!(
            by_kind.insert(kind, handler).is_none(),
            "two handlers for job kind {kind}"
        );
    }
    let by_kind = Arc::new(by_kind);
    while !cancel.is_cancelled() {
        // Names must be unique: a name used twice would make two workers own each other's rows.
        let worker = format!("{QUEUE}-{}", Uuid::new_v4());
        match live(&pool, &worker, &by_kind, &options, &cancel).await {
            Ok(()) => {}
            Err(error) => {
                tracing::error!(%error, worker, "the job worker stopped; starting another");
                tokio::select! {
                    () = cancel.cancelled() => {}
                    () = tokio::time::sleep(Duration::from_secs(1)) => {}
                }
            }
        }
        match settle::release(&pool, &worker).await {
            Ok(_) => {}
            Err(error) => tracing::warn!(%error, worker, "could not give back claimed jobs"),
        }
    }
}

#[derive(Debug, thiserror::Error)]
enum LifeError {
    #[error("could not register the worker")]
    Register(#[from] sqlx::Error),
    #[error("apalis' worker failed")]
    Worker(#[from] WorkerError),
}

/// One worker's life: heartbeat, looking for work, sweeping, and apalis' loop over all of it.
async fn live(
    pool: &PgPool,
    worker: &str,
    handlers: &Arc<HashMap<&'static str, Arc<dyn JobHandler>>>,
    options: &QueueOptions,
    cancel: &CancellationToken,
) -> Result<(), LifeError> {
    rescue::beat(pool, worker).await?;
    let slots = Slots::new(options.concurrency);
    let heartbeat = rescue::live(
        pool.clone(),
        worker.to_owned(),
        options.heartbeat,
        options.missed_heartbeats,
    );
    let _heart = AbortOnDropHandle::new(tokio::spawn(heartbeat));
    let looking = look(pool.clone(), slots.clone(), options.poll, options.wake.clone());
    let _eyes = AbortOnDropHandle::new(tokio::spawn(looking));
    let _broom = AbortOnDropHandle::new(tokio::spawn(sweeping(pool.clone(), options.sweep_every)));

    let runner = Runner {
        pool: pool.clone(),
        worker: worker.to_owned(),
        handlers: handlers.clone(),
        options: options.clone(),
    };
    let service = {
        let slots = slots.clone();
        tower::service_fn(move |task: PgTask| {
            let (runner, slot) = (runner.clone(), Slot::of_claimed(slots.clone()));
            async move {
                // A task of its own: a job that computes for long must not hold up the others.
                let job = AbortOnDropHandle::new(tokio::spawn(async move { runner.run(task).await }));
                let outcome = job.await;
                drop(slot);
                outcome
            }
        })
    };
    let cancelled = cancel.clone();
    WorkerBuilder::new(worker)
        .backend(Claims::new(pool.clone(), slots))
        .build(service)
        .run_until(async move {
            cancelled.cancelled().await;
            Ok::<(), WorkerError>(())
        })
        .await?;
    Ok(())
}

/// Wakes the worker when a row is due and a slot is free. The question is asked of the partial
/// index apalis fetches by, again and again while the answer is yes, so no wake-up can be lost.
async fn look(pool: PgPool, slots: Arc<Slots>, poll: Duration, wake: Wake) {
    loop {
        tokio::select! {
            () = wake.0.notified() => {}
            () = tokio::time::sleep(poll) => {}
        }
        if slots.free() == 0 {
            continue;
        }
        let due: Result<bool, _> = sqlx::query_scalar(
            "SELECT EXISTS (SELECT FROM apalis.jobs WHERE job_type = $1 AND run_at < now() \
               AND (status = 'Pending' OR (status = 'Failed' AND attempts < max_attempts)))",
        )
        .bind(QUEUE)
        .fetch_one(&pool)
        .await;
        match due {
            Ok(true) => slots.wake(),
            Ok(false) => {}
            Err(error) => {
                tracing::warn!(%error, "could not look for due jobs");
                tokio::time::sleep(Duration::from_secs(1)).await;
            }
        }
    }
}

async fn sweeping(pool: PgPool, every: Duration) {
    let mut ticks = tokio::time::interval(every);
    loop {
        ticks.tick().await;
        if let Err(error) = sweep(&pool).await {
            tracing::warn!(%error, "could not sweep finished jobs");
        }
    }
}

/// Takes one claimed row from its start to its settlement.
#[derive(Clone)]
struct Runner {
    pool: PgPool,
    worker: String,
    handlers: Arc<HashMap<&'static str, Arc<dyn JobHandler>>>,
    options: QueueOptions,
}

/// How often a settlement is written when the database does not answer.
const SETTLE_TRIES: u32 = 5;

impl Runner {
    async fn run(&self, task: PgTask) {
        let Some(id) = task.task_id().map(ToString::to_string) else {
            return;
        };
        let (attempt, max_attempts) = match settle::start(&self.pool, &self.worker, &id).await {
            Ok(Some(started)) => started,
            Ok(None) => return,
            Err(error) => {
                // The row stays Queued under our name: give it back rather than sit on it.
                tracing::warn!(%error, job = id, "could not start a job");
                let _ = settle::release(&self.pool, &self.worker).await;
                return;
            }
        };
        let (job, outcome) = match serde_json::from_slice::<Envelope>(&task.args) {
            Ok(envelope) => {
                let job = Job {
                    id,
                    tenant: envelope.tenant,
                    kind: envelope.kind,
                    payload: envelope.payload,
                    attempt,
                    max_attempts,
                };
                let outcome = self.handle(job.clone()).await;
                (job, outcome)
            }
            Err(error) => {
                let job = Job {
                    id,
                    tenant: Uuid::nil(),
                    kind: "undecodable".to_owned(),
                    payload: serde_json::Value::Null,
                    attempt,
                    max_attempts,
                };
                (
                    job,
                    Err(JobError::fail(format!("the payload could not be decoded: {error}"))),
                )
            }
        };
        let QueueOptions {
            backoff_base,
            backoff_cap,
            ..
        } = self.options;
        let settlement = Settlement::of(outcome, &job, || {
            backoff::delay(backoff_base, backoff_cap, attempt, &job.id)
        });
        self.report(&job, &settlement);
        self.settle(&job, &settlement).await;
    }

    async fn handle(&self, job: Job) -> Result<(), JobError> {
        let Some(handler) = self.handlers.get(job.kind.as_str()).cloned() else {
            // A newer release may have enqueued it; a newer worker will know it.
            return Err(JobError::retry(format!("no handler for kind {}", job.kind)));
        };
        let running = AbortOnDropHandle::new(tokio::spawn(async move { handler.run(job).await }));
        running.await.unwrap_or_else(|failure| {
            let reason = match failure.try_into_panic() {
                Ok(panic) => panic
                    .downcast_ref::<&str>()
                    .map(|text| (*text).to_owned())
                    .or_else(|| panic.downcast_ref::<String>().cloned())
                    .unwrap_or_else(|| "no message".to_owned()),
                Err(cancelled) => cancelled.to_string(),
            };
            Err(JobError::retry(format!("panicked: {reason}")))
        })
    }

    fn report(&self, job: &Job, settlement: &Settlement) {
        let kind = job.kind.clone();
        match settlement {
            Settlement::Done => {
                metrics::counter!("coterie_jobs_done_total", "kind" => kind).increment(1);
            }
            Settlement::Retry { reason, after } => {
                metrics::counter!("coterie_jobs_retried_total", "kind" => kind).increment(1);
                tracing::warn!(
                    job = job.id, kind = job.kind, tenant = %job.tenant, attempt = job.attempt,
                    reason, ?after, "a job will be tried again"
                );
            }
            Settlement::Killed { reason } => {
                metrics::counter!("coterie_jobs_dead_total", "kind" => kind).increment(1);
                tracing::error!(
                    job = job.id, kind = job.kind, tenant = %job.tenant, attempt = job.attempt,
                    reason, "a job is dead"
                );
            }
        }
    }

    async fn settle(&self, job: &Job, settlement: &Settlement) {
        for attempt in 1..=SETTLE_TRIES {
            match settle::settle(&self.pool, &self.worker, &job.id, settlement).await {
                Ok(true) => return,
                Ok(false) => {
                    tracing::warn!(job = job.id, "a job was taken over before it was settled");
                    return;
                }
                Err(error) => {
                    tracing::warn!(%error, job = job.id, attempt, "could not settle a job");
                    tokio::time::sleep(Duration::from_millis(200) * attempt).await;
                }
            }
        }
    }
}
