//! The followers of this worker: every read model, and the reactions.

use crate::{IDLE, WorkerConfig, pause, reactions::Reactions};
use coterie_eventlog::Follower;
use std::{sync::Arc, time::Duration};
use tokio_util::sync::CancellationToken;

/// Events handled in one transaction.
const BATCH: i64 = 500;
const AFTER_FAILURE: Duration = Duration::from_secs(1);

pub(crate) fn all(_config: &WorkerConfig) -> Vec<Arc<dyn Follower>> {
    let mut followers = coterie_app::projections::all();
    followers.push(Arc::new(Reactions));
    followers
}

pub(crate) async fn run(config: WorkerConfig, followers: Vec<Arc<dyn Follower>>, cancel: CancellationToken) {
    let each = followers
        .into_iter()
        .map(|follower| follow(config.clone(), follower, cancel.clone()));
    futures::future::join_all(each).await;
}

async fn follow(config: WorkerConfig, follower: Arc<dyn Follower>, cancel: CancellationToken) {
    loop {
        let wait = match coterie_eventlog::follow_once(&config.app.pool, follower.as_ref(), BATCH).await {
            Ok(progress) => {
                metrics::counter!("coterie_follower_events_total", "projection" => follower.name())
                    .increment(u64::try_from(progress.events).unwrap_or(0));
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
                    Duration::ZERO
                } else {
                    IDLE
                }
            }
            Err(error) => {
                tracing::warn!(projection = follower.name(), %error, "following the log failed; trying again");
                AFTER_FAILURE
            }
        };
        if cancel.is_cancelled() || (!wait.is_zero() && !pause(&cancel, wait).await) {
            return;
        }
    }
}
