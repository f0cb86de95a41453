//! Tells the memberships of an announcement, or tells them that it is off, batch by batch, until there is nothing left to do. Each
//! batch is one transaction, so that whoever is killed in between is followed by somebody who finds whom nobody told.

use super::{after, caller, field};
use crate::{
    WorkerConfig,
    queue::{Job, JobError},
};
use coterie_app::price_change::{BATCH, advance};
use coterie_domain::PriceChangeId;

pub(super) async fn run(config: &WorkerConfig, job: Job) -> Result<(), JobError> {
    let id: PriceChangeId = field(&job, "stream_id")?;
    let caller = caller(&job);
    while advance(&config.app, &caller, id, BATCH).await.map_err(after)?.outcome {
        config.wake.wake();
    }
    config.wake.wake();
    Ok(())
}
