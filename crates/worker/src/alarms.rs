//! Alarms of live organizations, due by wall time. A sandbox's are fired by its test clock.

use crate::{WorkerConfig, jobs, pause};
use coterie_app::{
    UseCaseError,
    alarm::{self, Alarm, Fired},
    clock,
};
use std::time::Duration;
use tokio_util::sync::CancellationToken;

/// Alarms looked at in one go.
const BATCH: i64 = 1_000;
/// The most alarms of one transaction: it holds the guards of all their subjects.
pub(crate) const AT_ONCE: usize = 100;
const LOOK_EVERY: Duration = Duration::from_secs(1);

pub(crate) async fn run(config: WorkerConfig, cancel: CancellationToken) {
    while pause(&cancel, LOOK_EVERY).await {
        let due = match alarm::due_by_wall(&config.app.pool, clock::wall_now(), BATCH).await {
            Ok(due) => due,
            Err(error) => {
                tracing::warn!(%error, "looking for due alarms failed; trying again");
                continue;
            }
        };
        for together in due.chunk_by(Alarm::goes_with) {
            for batch in together.chunks(AT_ONCE) {
                // Said already; the rows stay, others go on and these are tried again.
                let _ = fire(&config, batch).await;
                if cancel.is_cancelled() {
                    return;
                }
            }
        }
    }
}

/// Fires alarms that are due together with one append. Where one of them fails, each is fired by itself, so that it keeps
/// none of the others.
///
/// # Errors
/// The first failure; what failed is still there.
pub(crate) async fn fire(config: &WorkerConfig, batch: &[Alarm]) -> Result<(), UseCaseError> {
    let error = match fire_together(config, batch).await {
        Ok(()) => return Ok(()),
        Err(error) => error,
    };
    if matches!(error, UseCaseError::Unavailable(_)) {
        tracing::warn!(alarms = batch.len(), %error, "alarms wait for the database");
        return Err(error);
    }
    let [alarm] = batch else {
        tracing::info!(alarms = batch.len(), %error, "alarms could not be fired together; each is fired by itself");
        let mut first = Ok(());
        for alarm in batch {
            first = first.and(Box::pin(fire(config, std::slice::from_ref(alarm))).await);
        }
        return first;
    };
    tracing::error!(tenant = %alarm.tenant, kind = alarm.kind.name(), subject = %alarm.subject, %error, "an alarm could not be fired");
    metrics::counter!("coterie_alarm_failures_total", "kind" => alarm.kind.name()).increment(1);
    Err(error)
}

/// Again when somebody else wrote one of the streams at the same moment.
async fn fire_together(config: &WorkerConfig, batch: &[Alarm]) -> Result<(), UseCaseError> {
    const TRIES: u32 = 5;
    let mut tries = 0;
    loop {
        tries += 1;
        match fire_once(config, batch).await {
            Ok(fired) => {
                if fired.iter().any(|fired| matches!(fired, Fired::Collect(_))) {
                    config.wake.wake();
                }
                return Ok(());
            }
            Err(UseCaseError::Contended(_) | UseCaseError::Busy(_)) if tries < TRIES => {}
            Err(error) => return Err(error),
        }
    }
}

/// The alarms' rows go and their jobs come in one transaction: a worker that dies leaves both undone.
async fn fire_once(config: &WorkerConfig, batch: &[Alarm]) -> Result<Vec<Fired>, UseCaseError> {
    let mut firing = alarm::fire(&config.app, batch).await?;
    for (alarm, fired) in batch.iter().zip(firing.fired.clone()) {
        if let Fired::Collect(invoice) = fired {
            jobs::enqueue_collect_in_op(firing.conn(), alarm, invoice).await?;
        }
    }
    firing.commit().await
}
