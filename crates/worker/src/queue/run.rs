use std::sync::Arc;
use std::time::Duration;

use apalis_core::error::WorkerError;
use apalis_core::worker::builder::WorkerBuilder;
use apalis_postgres::PgTask;
use sqlx::PgPool;
use tokio_util::sync::CancellationToken;
use tokio_util::task::AbortOnDropHandle;
use uuid::Uuid;

use super::backend::{Claims, Slot, Slots};
use super::handler::JobHandler;
use super::options::{QueueOptions, Wake};
use super::runner::{Handlers, Runner};
use super::{QUEUE, rescue, settle, sweep};

/// Runs jobs until cancelled, then finishes those in flight and returns. Dropping the future
/// aborts them; another worker takes them over within a few seconds.
///
/// `pool` connects as `coterie_worker`.
///
/// # Panics
/// If two handlers claim one kind, which is a mistake in the program's start-up.
pub async fn run(pool: PgPool, handlers: Vec<Arc<dyn JobHandler>>, options: QueueOptions, cancel: CancellationToken) {
    let mut by_kind = Handlers::new();
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
    handlers: &Arc<Handlers>,
    options: &QueueOptions,
    cancel: &CancellationToken,
) -> Result<(), LifeError> {
    rescue::beat(pool, worker).await?;
    let slots = Slots::new(options.concurrency);
    let heartbeat = rescue::live(
        pool.clone(),
        worker.to_owned(),
        slots.clone(),
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
            let (runner, slot) = (runner.clone(), Slot::of_claimed(slots.clone(), &task));
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
async fn look(pool: PgPool, slots: Arc<Slots>, every: Duration, wake: Wake) {
    loop {
        tokio::select! {
            () = wake.0.notified() => {}
            () = tokio::time::sleep(every) => {}
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
