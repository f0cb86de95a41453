//! A visitor's page is read again from the gateway, and what became of it recorded: because a webhook said so, or because the
//! sweep found it open.

use super::{after, caller, field};
use crate::{
    WorkerConfig,
    queue::{Job, JobError},
};
use coterie_app::{Operation, UseCaseError, visitor_booking};
use coterie_domain::VisitorBookingId;
use coterie_gateway::{Gateway, GatewayError, domain_outcome};

pub(super) async fn run(config: &WorkerConfig, job: Job) -> Result<(), JobError> {
    let id: VisitorBookingId = field(&job, "stream_id")?;
    let op = Operation::open(&config.app, &caller(&job)).await.map_err(after)?;
    let gateway = config
        .gateway(op.sandbox)
        .ok_or_else(|| JobError::retry("no gateway is configured"))?;
    drop(op);
    apply(config, &job, gateway.as_ref(), id, None).await
}

/// Reads the page and records it. `heard_of` is the account and session that a webhook named: those of another page change
/// nothing here.
pub(super) async fn apply(
    config: &WorkerConfig,
    job: &Job,
    gateway: &dyn Gateway,
    id: VisitorBookingId,
    heard_of: Option<(&str, &str)>,
) -> Result<(), JobError> {
    let caller = caller(job);
    let mut op = Operation::open(&config.app, &caller).await.map_err(after)?;
    let visit = match visitor_booking::load(&mut op, id).await {
        Ok((visit, _)) => visit,
        Err(UseCaseError::NotFound) => return Ok(()),
        Err(error) => return Err(after(error)),
    };
    let now = op.now;
    drop(op);
    let account = &visit.fact.account_id;
    if visit.page.is_none() && heard_of.is_none() {
        // Its page was never had, so nobody was sent to it: once the time to pay is over there is nothing to wait for.
        if now >= visit.fact.pay_by {
            visitor_booking::no_page(&config.app, &caller, id)
                .await
                .map_err(after)?;
        }
        return Ok(());
    }
    let session = match (&visit.page, heard_of) {
        (Some(page), None) => page.session_id.as_str(),
        // The webhook may be faster than the answer that names the page.
        (None, Some((known, session))) if known == account => session,
        (Some(page), Some((known, session))) if known == account && session == page.session_id => session,
        _ => return Ok(()),
    };
    let found = match gateway.retrieve_payment_session(account, session).await {
        Ok(found) => found,
        Err(GatewayError::NotFound { .. }) => return Ok(()),
        Err(error) => return Err(JobError::retry(error)),
    };
    if let Some(outcome) = domain_outcome::page_outcome(&found) {
        visitor_booking::settle(&config.app, &caller, id, &outcome)
            .await
            .map_err(after)?;
        config.wake.wake();
    }
    Ok(())
}
