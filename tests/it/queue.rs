//! The job queue on a real database: nothing lost, nothing twice, nobody stuck.

#![expect(
    clippy::unwrap_used,
    reason = "these are tests; clippy sees only the functions marked so"
)]

mod cron;
mod enqueue;
mod rescue;
mod retry;
mod work;

use std::sync::{Arc, Mutex};
use std::time::Duration;

use coterie_tests::Database;
use coterie_worker::queue::{Job, JobError, JobHandler, NewJob, QueueOptions, enqueue_in_op, run};
use futures::future::BoxFuture;
use sqlx::PgPool;
use tokio_util::sync::CancellationToken;
use tokio_util::task::AbortOnDropHandle;
use uuid::Uuid;

/// The longest any condition is waited for.
pub const PATIENCE: Duration = Duration::from_secs(20);

/// Polls until the condition holds.
pub async fn eventually<F, Fut>(what: &str, mut condition: F)
where
    F: FnMut() -> Fut,
    Fut: Future<Output = bool>,
{
    let waiting = async {
        while !condition().await {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    tokio::time::timeout(PATIENCE, waiting)
        .await
        .unwrap_or_else(|_| panic!("never happened: {what}"));
}

/// Calls a function for each job and remembers the jobs it was given.
pub struct Recorder {
    kind: &'static str,
    seen: Mutex<Vec<Job>>,
    #[allow(clippy::type_complexity, reason = "one field, used once")]
    act: Box<dyn Fn(Job) -> BoxFuture<'static, Result<(), JobError>> + Send + Sync>,
}

impl Recorder {
    pub fn new<F, Fut>(kind: &'static str, act: F) -> Arc<Self>
    where
        F: Fn(Job) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = Result<(), JobError>> + Send + 'static,
    {
        Arc::new(Self {
            kind,
            seen: Mutex::default(),
            act: Box::new(move |job| Box::pin(act(job))),
        })
    }

    pub fn seen(&self) -> Vec<Job> {
        self.seen.lock().unwrap().clone()
    }
}

impl JobHandler for Recorder {
    fn kind(&self) -> &'static str {
        self.kind
    }

    fn run(&self, job: Job) -> BoxFuture<'_, Result<(), JobError>> {
        self.seen.lock().unwrap().push(job.clone());
        (self.act)(job)
    }
}

/// A worker that runs until cancelled or dropped; dropping is the hard way.
pub struct Worker {
    pub cancel: CancellationToken,
    pub task: AbortOnDropHandle<()>,
}

/// Quick to retry, otherwise as in production.
pub fn options() -> QueueOptions {
    QueueOptions {
        backoff_base: Duration::from_millis(20),
        concurrency: 4,
        ..QueueOptions::default()
    }
}

pub fn start(pool: &PgPool, handlers: Vec<Arc<dyn JobHandler>>, options: QueueOptions) -> Worker {
    let cancel = CancellationToken::new();
    let running = run(pool.clone(), handlers, options, cancel.clone());
    Worker {
        cancel,
        task: AbortOnDropHandle::new(tokio::spawn(running)),
    }
}

pub fn new_job(tenant: Uuid, key: &str) -> NewJob {
    NewJob {
        tenant,
        kind: "work",
        idempotency_key: key.to_owned(),
        payload: serde_json::json!({ "key": key }),
        run_at: None,
        max_attempts: 3,
    }
}

/// Enqueues and commits as `coterie_app`.
pub async fn enqueue(db: &Database, job: NewJob) -> bool {
    let mut transaction = db.app.begin().await.unwrap();
    let new = enqueue_in_op(&mut transaction, job).await.unwrap();
    transaction.commit().await.unwrap();
    new
}

/// Status, attempts and last result of a job by the end of its key.
pub async fn row(db: &Database, key: &str) -> (String, i32, serde_json::Value) {
    sqlx::query_as(
        "select status, attempts, coalesce(last_result, 'null') from apalis.jobs where idempotency_key like '%:' || $1",
    )
    .bind(key)
    .fetch_one(&db.owner)
    .await
    .unwrap()
}

pub async fn status(db: &Database, key: &str) -> String {
    row(db, key).await.0
}
