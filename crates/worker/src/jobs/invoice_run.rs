//! Takes an invoice run on, batch by batch, until there is nothing left to do. Each batch is one transaction, so that whoever is
//! killed in between is followed by somebody who finds what is missing.

use super::{after, caller, field};
use crate::{
    WorkerConfig,
    queue::{Job, JobError},
};
use coterie_app::invoice_run::{BATCH, CarryingOn};
use coterie_domain::InvoiceRunId;

pub(super) async fn run(config: &WorkerConfig, job: Job) -> Result<(), JobError> {
    let id: InvoiceRunId = field(&job, "stream_id")?;
    let caller = caller(&job);
    let mut run = CarryingOn::of(&config.app, &caller, id, BATCH);
    while run.step().await.map_err(after)?.outcome {
        config.wake.wake();
    }
    config.wake.wake();
    Ok(())
}
