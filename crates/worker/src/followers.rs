//! The followers of this worker: every read model, and the reactions.

use crate::{IDLE, WorkerConfig, pause, pulse::Signal, reactions::Reactions};
use coterie_eventlog::Follower;
use std::{sync::Arc, time::Duration};
use tokio_util::sync::CancellationToken;

/// Events handled in one transaction.
const BATCH: i64 = 500;
const AFTER_FAILURE: Duration = Duration::from_secs(1);

pub(crate) fn all(config: &WorkerConfig) -> Vec<Arc<dyn Follower>> {
    let mut followers = coterie_app::projections::all(&config.app.config.keys);
    followers.push(Arc::new(Reactions));
    followers
}

pub(crate) async fn run(
    config: WorkerConfig,
    followers: Vec<Arc<dyn Follower>>,
    log: Signal,
    cancel: CancellationToken,
) {
    let each = followers
        .into_iter()
        .map(|follower| follow(config.clone(), follower, log.clone(), cancel.clone()));
    futures::future::join_all(each).await;
}

async fn follow(config: WorkerConfig, follower: Arc<dyn Follower>, mut log: Signal, cancel: CancellationToken) {
    loop {
        log.arm();
        let wait = match coterie_eventlog::follow_once(&config.app.pool, follower.as_ref(), BATCH).await {
            Ok(progress) => {
                metrics::counter!("coterie_follower_events_total", "projection" => follower.name())
                    .increment(progress.events);
                if progress.parked > 0 {
                    tracing::error!(
                        projection = follower.name(),
                        parked = progress.parked,
                        "an event could not be handled; the organization's projection is parked"
                    );
                    metrics::counter!("coterie_follower_parked_total", "projection" => follower.name()).increment(1);
                }
                if progress.events > 0 {
                    config.wake.wake();
                }
                if i64::try_from(progress.events).is_ok_and(|events| events >= BATCH) {
                    Some(Duration::ZERO)
                } else if progress.failed > 0 {
                    Some(IDLE)
                } else {
                    // What came meanwhile comes with the next pulse, in one transaction rather than one for each.
                    None
                }
            }
            Err(error) => {
                tracing::warn!(projection = follower.name(), %error, "following the log failed; trying again");
                Some(AFTER_FAILURE)
            }
        };
        let go_on = match wait {
            Some(wait) if wait.is_zero() => !cancel.is_cancelled(),
            Some(wait) => pause(&cancel, wait).await,
            None => log.wait(&cancel).await,
        };
        if !go_on {
            return;
        }
    }
}
