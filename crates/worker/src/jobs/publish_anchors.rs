//! Heads go outside the database on a schedule. A round that failed is not tried again: the next one does its work too.

use crate::{
    WorkerConfig, anchors,
    queue::{Job, JobError},
};
use coterie_app::clock;

pub(super) async fn run(config: &WorkerConfig, _: Job) -> Result<(), JobError> {
    let Some(anchors) = &config.anchors else {
        return Err(JobError::fail("this worker was not told where anchors are kept"));
    };
    anchors::publish(&config.app.pool, anchors, clock::wall_now())
        .await
        .map(|_| ())
        .map_err(JobError::fail)
}
