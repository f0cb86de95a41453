//! Alarms of live organizations, due by wall time. A sandbox's are fired by its test clock.

use crate::{WorkerConfig, jobs, pause};
use coterie_app::{
    UseCaseError,
    alarm::{self, Alarm, Fired},
    clock,
};
use std::time::Duration;
use tokio_util::sync::CancellationToken;

const BATCH: i64 = 200;
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
        for alarm in due {
            if let Err(error) = fire(&config, &alarm).await {
                // The row stays; others go on and this one is tried again.
                tracing::error!(tenant = %alarm.tenant, kind = alarm.kind.name(), subject = %alarm.subject, %error, "an alarm could not be fired");
                metrics::counter!("coterie_alarm_failures_total", "kind" => alarm.kind.name()).increment(1);
            }
            if cancel.is_cancelled() {
                return;
            }
        }
    }
}

/// Fires one alarm, again when somebody else wrote the same stream at the same moment.
pub(crate) async fn fire(config: &WorkerConfig, alarm: &Alarm) -> Result<(), UseCaseError> {
    const TRIES: u32 = 5;
    let mut tries = 0;
    loop {
        tries += 1;
        match fire_once(config, alarm).await {
            Ok(fired) => {
                if matches!(fired, Fired::Collect(_)) {
                    config.wake.wake();
                }
                return Ok(());
            }
            Err(UseCaseError::Contended(_) | UseCaseError::Busy(_)) if tries < TRIES => {}
            Err(error) => return Err(error),
        }
    }
}

/// The alarm's row goes and its job comes in one transaction: a worker that dies leaves both undone.
async fn fire_once(config: &WorkerConfig, alarm: &Alarm) -> Result<Fired, UseCaseError> {
    let mut firing = alarm::fire(&config.app, alarm).await?;
    if let Fired::Collect(invoice) = firing.fired {
        jobs::enqueue_collect_in_op(firing.conn(), alarm, invoice).await?;
    }
    firing.commit().await
}
