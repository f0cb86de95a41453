use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use apalis_postgres::PgTask;
use sqlx::PgPool;
use tokio_util::task::AbortOnDropHandle;
use uuid::Uuid;

use super::backoff;
use super::enqueue::Envelope;
use super::handler::{Job, JobError, JobHandler};
use super::options::QueueOptions;
use super::settle::{self, Settlement};

/// The handlers by the kind they handle.
pub(super) type Handlers = HashMap<&'static str, Arc<dyn JobHandler>>;

/// Takes one claimed row from its start to its settlement.
#[derive(Clone)]
pub(super) struct Runner {
    pub pool: PgPool,
    pub worker: String,
    pub handlers: Arc<Handlers>,
    pub options: QueueOptions,
}

/// How often a settlement is written when the database does not answer.
const SETTLE_TRIES: u32 = 5;

impl Runner {
    pub(super) async fn run(&self, task: PgTask) {
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
        report(&job, &settlement);
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

/// Counts and logs how a job ended.
fn report(job: &Job, settlement: &Settlement) {
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
