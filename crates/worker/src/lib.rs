//! Workers: they follow the log, fire alarms, charge through the gateway, send mail and move test clocks. Stateless: run
//! as many as you like against one database.
//!
//! - `followers`: read models and the reactions, from their checkpoints.
//! - `reactions`: which events lead to which jobs, enqueued in the checkpoint's transaction.
//! - `jobs`: one file each; every job carries its tenant and says retry or fail.
//! - `alarms`: what is due by the clock of a live organization.
//! - `anchors`: signed heads, kept outside the database.
//! - `test_clock`: moves a sandbox's clock, alarm by alarm, until everything due has happened.
//! - `webhook_inbox`: makes a job of each webhook that was received.
//! - `pulse`: asks the database for news, once for everybody who waits.

mod alarms;
pub mod anchors;
mod config;
mod followers;
mod jobs;
pub mod mail;
mod pulse;
pub mod queue;
mod reactions;
mod test_clock;
mod webhook_inbox;

pub use config::{ChainUrls, SimControl, WorkerConfig};
pub use reactions::REACTIONS;

use std::time::Duration;
use tokio_util::sync::CancellationToken;

/// How long to wait before looking again where there was nothing.
const IDLE: Duration = Duration::from_millis(25);
/// How often the queue looks by itself. Who enqueues in this process wakes it; this is for other processes' jobs and for
/// retries, whose time comes by itself.
const QUEUE_LOOKS: Duration = Duration::from_millis(200);

/// Runs everything a worker does until cancelled; finishes what is in flight.
///
/// # Errors
/// When the followers cannot be registered at start-up.
pub async fn run(config: WorkerConfig, cancel: CancellationToken) -> Result<(), sqlx::Error> {
    let followers = followers::all(&config);
    for follower in &followers {
        coterie_eventlog::register(&config.app.pool, follower.as_ref()).await?;
    }
    let options = queue::QueueOptions {
        wake: config.wake.clone(),
        poll: QUEUE_LOOKS,
        ..queue::QueueOptions::default()
    };
    let pulse = pulse::Pulse::new();
    tokio::join!(
        followers::run(config.clone(), followers, pulse.log(), cancel.clone()),
        alarms::run(config.clone(), cancel.clone()),
        webhook_inbox::run(config.clone(), pulse.webhooks(), cancel.clone()),
        test_clock::run(config.clone(), pulse.clocks(), cancel.clone()),
        pulse.run(config.app.pool.clone(), cancel.clone()),
        queue::cron(config.app.pool.clone(), jobs::schedule(&config), cancel.clone()),
        queue::run(
            config.app.pool.clone(),
            jobs::handlers(&config),
            options,
            cancel.clone()
        ),
    );
    Ok(())
}

/// Waits a moment or until cancelled; `false` when it is time to stop.
async fn pause(cancel: &CancellationToken, time: Duration) -> bool {
    tokio::select! {
        () = cancel.cancelled() => false,
        () = tokio::time::sleep(time) => true,
    }
}
