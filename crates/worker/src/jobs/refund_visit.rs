//! What is a visitor's own goes back, money that came too late or what is not due of what she gave up, under a key that is the
//! visit's own: a visit is one or the other, and however often this runs, it goes back once.

use super::{after, caller, field};
use crate::{
    WorkerConfig,
    queue::{Job, JobError},
};
use coterie_app::{Operation, visitor_booking};
use coterie_domain::VisitorBookingId;
use coterie_gateway::NewRefund;
use std::collections::BTreeMap;

pub(super) async fn run(config: &WorkerConfig, job: Job) -> Result<(), JobError> {
    let id: VisitorBookingId = field(&job, "stream_id")?;
    let caller = caller(&job);
    let mut op = Operation::open(&config.app, &caller).await.map_err(after)?;
    let (visit, _) = visitor_booking::load(&mut op, id).await.map_err(after)?;
    let gateway = config
        .gateway(op.sandbox)
        .ok_or_else(|| JobError::retry("no gateway is configured"))?;
    drop(op);
    let Some(due) = visit.due_back() else {
        return Ok(());
    };
    let refund = NewRefund {
        intent: due.intent_id.to_owned(),
        // Of all of it somebody may have given back some by hand.
        amount_minor: (!due.all).then_some(due.amount.minor),
        metadata: BTreeMap::from([
            ("organization".to_owned(), job.tenant.to_string()),
            ("visitor_booking".to_owned(), id.to_string()),
        ]),
    };
    let made = gateway
        .create_refund(&visit.fact.account_id, &format!("refund:{id}"), &refund)
        .await
        .map_err(JobError::retry)?;
    if matches!(made.status.as_str(), "failed" | "canceled") {
        tracing::error!(tenant = %job.tenant, visit = %id, refund = made.id, "money that is a visitor's could not be given back; a person has to");
        metrics::counter!("coterie_refunds_failed_total").increment(1);
        return Ok(());
    }
    visitor_booking::refunded(&config.app, &caller, id, &made.id)
        .await
        .map_err(after)?;
    config.wake.wake();
    Ok(())
}
