//! The followers of this worker: every read model, and the reactions, for the organizations that its leases name.

use crate::{IDLE, WorkerConfig, pause, pulse::Signal, reactions::Reactions};
use coterie_eventlog::{Follower, Leases, RENEW_EVERY};
use std::{sync::Arc, time::Duration};
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

/// Events of one organization handled in one transaction.
const BATCH: i64 = 500;
const AFTER_FAILURE: Duration = Duration::from_secs(1);
/// How often the lag is measured.
const MEASURE_EVERY: Duration = Duration::from_secs(5);
/// Parked organizations that are told of.
const PARKED: i64 = 200;

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
    let names: Vec<&'static str> = followers.iter().map(|follower| follower.name()).collect();
    let leases = Leases::new(Uuid::now_v7(), names.clone());
    let (taken, shares) = watch::channel(());
    renew(&config, &leases, &taken).await;
    let each = followers.into_iter().map(|follower| {
        follow(
            config.clone(),
            follower,
            (log.clone(), shares.clone()),
            leases.clone(),
            cancel.clone(),
        )
    });
    tokio::join!(
        futures::future::join_all(each),
        keep(&config, &leases, taken, &cancel),
        measure(&config, &names, &cancel),
    );
    if let Err(error) = leases.give_back(&config.app.pool).await {
        tracing::warn!(%error, "the leases could not be given back and will run out");
    }
}

/// Keeps this worker's share of the organizations.
async fn keep(config: &WorkerConfig, leases: &Leases, taken: watch::Sender<()>, cancel: &CancellationToken) {
    while pause(cancel, RENEW_EVERY).await {
        renew(config, leases, &taken).await;
    }
}

async fn renew(config: &WorkerConfig, leases: &Leases, taken: &watch::Sender<()>) {
    match leases.renew(&config.app.pool).await {
        Ok(true) => {
            taken.send_replace(());
        }
        Ok(false) => {}
        Err(error) => tracing::warn!(%error, "the leases could not be renewed; trying again"),
    }
}

async fn follow(
    config: WorkerConfig,
    follower: Arc<dyn Follower>,
    (mut log, mut shares): (Signal, watch::Receiver<()>),
    leases: Leases,
    cancel: CancellationToken,
) {
    let name = follower.name();
    loop {
        log.arm();
        shares.borrow_and_update();
        let round =
            coterie_eventlog::follow_shards(&config.app.pool, follower.as_ref(), BATCH, leases.held(name)).await;
        let wait = match round {
            Ok(progress) => {
                metrics::counter!("coterie_follower_events_total", "projection" => name).increment(progress.events);
                if progress.parked > 0 {
                    tracing::error!(
                        projection = name,
                        parked = progress.parked,
                        "an event could not be handled; the organization's projection is parked"
                    );
                    metrics::counter!("coterie_follower_parked_total", "projection" => name).increment(progress.parked);
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
                tracing::warn!(projection = name, %error, "following the log failed; trying again");
                Some(AFTER_FAILURE)
            }
        };
        let go_on = match wait {
            Some(wait) if wait.is_zero() => !cancel.is_cancelled(),
            Some(wait) => pause(&cancel, wait).await,
            None => tokio::select! {
                go_on = log.wait(&cancel) => go_on,
                _ = shares.changed() => !cancel.is_cancelled(),
            },
        };
        if !go_on {
            return;
        }
    }
}

/// Measures how far every follower is behind, for the metrics and for the page of whoever runs the installation.
async fn measure(config: &WorkerConfig, names: &[&'static str], cancel: &CancellationToken) {
    loop {
        if let Err(error) = measure_once(config, names).await {
            tracing::warn!(%error, "the followers' lag could not be measured; trying again");
        }
        if !pause(cancel, MEASURE_EVERY).await {
            return;
        }
    }
}

#[expect(
    clippy::cast_precision_loss,
    reason = "a gauge is a float, and a lag is far below 2^52"
)]
async fn measure_once(config: &WorkerConfig, names: &[&'static str]) -> Result<(), sqlx::Error> {
    let pool = &config.app.pool;
    let lags = coterie_eventlog::lag(pool, names).await?;
    let parked = coterie_eventlog::parked(pool, names, PARKED).await?;
    for lag in &lags {
        let projection = lag.projection.clone();
        metrics::gauge!("coterie_projection_lag_events", "projection" => projection.clone()).set(lag.events as f64);
        metrics::gauge!("coterie_projection_lag_events_max", "projection" => projection.clone())
            .set(lag.most_events as f64);
        metrics::gauge!("coterie_projection_lag_seconds", "projection" => projection.clone()).set(lag.seconds as f64);
        metrics::gauge!("coterie_projection_parked", "projection" => projection).set(lag.parked as f64);
    }
    coterie_eventlog::report(pool, &lags, &parked).await
}
