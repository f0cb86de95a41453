//! Jobs that outlive a transaction: sending, rendering, calling somebody else's server.
//!
//! The rows, their states and the worker loop are apalis' (`apalis-postgres` 1.0); this module
//! settles what apalis leaves open, each thing in one file:
//!
//! - `setup`: apalis' migrations run as owner; the application's roles get only what they need.
//! - `enqueue`: a job joins the caller's transaction, and a job asked for twice is one job.
//! - `handler`: what a job is told and how it says "retry" or "fail".
//! - `backend`: claims no more rows than there are free slots, survives a database that blinks.
//! - `settle`: starting, finishing, retrying and killing, each one statement, each only while the
//!   row still belongs to this worker.
//! - `rescue`: heartbeats on a task of their own, and taking over from workers that stopped.
//! - `run`, `runner`: one worker's life, and one job's from claim to settlement.
//! - `cron`: one tick across any number of replicas.
//! - `sweep`: forgets what finished long ago.
//!
//! A job runs **at least once**: a worker that dies after the work and before its settlement is
//! repeated. What must happen once carries its own guard (the mail outbox does).

mod backend;
mod backoff;
mod cron;
mod enqueue;
mod handler;
mod options;
mod rescue;
mod run;
mod runner;
mod settle;
mod setup;
mod sweep;

pub use cron::{Cron, cron};
pub use enqueue::{NewJob, enqueue_in_op, pending};
pub use handler::{Job, JobError, JobHandler};
pub use options::{QueueOptions, Wake};
pub use run::run;
pub use setup::{SETUP_VERSION, SetupError, setup};
pub use sweep::{KEEP_DONE_DAYS, sweep};

/// The one apalis queue. Kinds share it so that a worker's slots go to whatever is due first.
pub(crate) const QUEUE: &str = "coterie";
