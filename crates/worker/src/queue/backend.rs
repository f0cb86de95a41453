//! Where apalis' worker gets its tasks.
//!
//! `PostgresStorage` claims whole batches whether or not there are free slots, and any error of
//! the database ends its worker for good. This backend claims with apalis' own query, but never
//! more rows than there are slots, and goes on after an error.

use std::collections::{HashSet, VecDeque};
use std::convert::Infallible;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};

use apalis_core::backend::finalize::Ephemeral;
use apalis_core::backend::{Backend, BackendConfig};
use apalis_core::worker::context::WorkerContext;
use apalis_postgres::{Config, PgTask, queries};
use futures::future::BoxFuture;
use futures::task::AtomicWaker;
use sqlx::PgPool;
use tower::layer::util::Identity;

use super::QUEUE;

/// What the backend, the jobs and the one who looks for work share.
pub(super) struct Slots {
    limit: usize,
    taken: AtomicUsize,
    /// Somebody saw due rows that nobody has tried to claim since. Claiming costs more than looking.
    due: AtomicBool,
    waker: AtomicWaker,
    /// The rows that are here, from their claim to their settlement.
    held: Mutex<HashSet<String>>,
}

impl Slots {
    pub(super) fn new(limit: usize) -> Arc<Self> {
        Arc::new(Self {
            limit: limit.max(1),
            taken: AtomicUsize::new(0),
            due: AtomicBool::new(true),
            waker: AtomicWaker::new(),
            held: Mutex::default(),
        })
    }

    fn hold(&self, change: impl FnOnce(&mut HashSet<String>)) {
        change(&mut self.held.lock().unwrap_or_else(PoisonError::into_inner));
    }

    /// The ids of the rows that are here.
    pub(super) fn held(&self) -> Vec<String> {
        let held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        held.iter().cloned().collect()
    }

    pub(super) fn free(&self) -> usize {
        self.limit.saturating_sub(self.taken.load(Ordering::Acquire))
    }

    /// Makes the worker claim rows, which are there.
    pub(super) fn wake(&self) {
        self.due.store(true, Ordering::Release);
        self.waker.wake();
    }
}

/// One taken slot; dropping it lets go of its row and frees the slot for the rows that were due when there was none.
pub(super) struct Slot {
    slots: Arc<Slots>,
    row: Option<String>,
}

impl Slot {
    /// For a row that the backend already counted when it claimed it.
    pub(super) fn of_claimed(slots: Arc<Slots>, task: &PgTask) -> Self {
        let row = task.task_id().map(ToString::to_string);
        Self { slots, row }
    }
}

impl Drop for Slot {
    fn drop(&mut self) {
        if let Some(row) = &self.row {
            self.slots.hold(|held| {
                held.remove(row);
            });
        }
        self.slots.taken.fetch_sub(1, Ordering::AcqRel);
        self.slots.waker.wake();
    }
}

/// How many rows were asked for, and those that were claimed.
type Claim = BoxFuture<'static, (usize, Vec<PgTask>)>;

pub(super) struct Claims {
    pool: PgPool,
    slots: Arc<Slots>,
    claimed: VecDeque<PgTask>,
    claiming: Option<Claim>,
}

impl Claims {
    pub(super) fn new(pool: PgPool, slots: Arc<Slots>) -> Self {
        Self {
            pool,
            slots,
            claimed: VecDeque::new(),
            claiming: None,
        }
    }

    fn claim(&self, free: usize, worker: &WorkerContext) -> Claim {
        let (pool, worker) = (self.pool.clone(), worker.clone());
        Box::pin(async move {
            let config = Config::default().queue(QUEUE).batch_size(free);
            let claimed = match pool.acquire().await {
                Ok(mut conn) => queries::fetch_next(&mut *conn, &config, &worker).await,
                Err(error) => Err(error.into()),
            };
            let claimed = claimed.unwrap_or_else(|error| {
                tracing::warn!(%error, "could not claim jobs; trying again");
                Vec::new()
            });
            (free, claimed)
        })
    }
}

impl Backend for Claims {
    type Task = PgTask;
    type Error = Infallible;

    fn poll_ready(&mut self, _: &mut Context<'_>, _: &WorkerContext) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn poll_next(&mut self, cx: &mut Context<'_>, worker: &WorkerContext) -> Poll<Option<Result<PgTask, Infallible>>> {
        self.slots.waker.register(cx.waker());
        loop {
            if let Some(task) = self.claimed.pop_front() {
                return Poll::Ready(Some(Ok(task)));
            }
            let mut claiming = match self.claiming.take() {
                Some(claiming) => claiming,
                None if self.slots.free() == 0 => return Poll::Pending,
                // Forgotten before the claim, so that rows seen while it is under way are remembered.
                None if !self.slots.due.swap(false, Ordering::AcqRel) => return Poll::Pending,
                None => self.claim(self.slots.free(), worker),
            };
            match claiming.as_mut().poll(cx) {
                Poll::Pending => {
                    self.claiming = Some(claiming);
                    return Poll::Pending;
                }
                // Nothing due: whoever looks for work (see `run`) wakes us when that changes.
                Poll::Ready((_, tasks)) if tasks.is_empty() => return Poll::Pending,
                Poll::Ready((asked, tasks)) => {
                    if tasks.len() == asked {
                        // There may be more of them.
                        self.slots.due.store(true, Ordering::Release);
                    }
                    self.slots.taken.fetch_add(tasks.len(), Ordering::AcqRel);
                    let rows = tasks.iter().filter_map(|task| task.task_id().map(ToString::to_string));
                    self.slots.hold(|held| held.extend(rows));
                    self.claimed = tasks.into();
                }
            }
        }
    }

    fn poll_close(&mut self, _: &mut Context<'_>, _: &WorkerContext) -> Poll<Result<(), Infallible>> {
        // Rows claimed and not started are given back by `settle::release` after the worker ends.
        Poll::Ready(Ok(()))
    }
}

impl BackendConfig for Claims {
    type Args = Vec<u8>;
    type Id = String;
    // Ephemeral keeps apalis from decoding: an undecodable payload would end its worker.
    type Kind = Ephemeral;
    type Config = ();
    type Layer = Identity;

    fn config(&self) -> &() {
        &()
    }

    fn middleware(&mut self, _: &mut WorkerContext) -> Identity {
        Identity::new()
    }
}
