//! Collects an invoice: writes the attempt, asks the gateway, records the outcome. A crash anywhere in between is taken up
//! by the same job again: it finds the attempt it made, and sends it unchanged unless its outcome is known.

use super::{after, caller, field};
use crate::{
    WorkerConfig,
    queue::{Job, JobError, NewJob, enqueue_in_op},
};
use coterie_app::{
    alarm::Alarm,
    organization,
    payment::{self, Attempt, Heard},
};
use coterie_domain::{
    InvoiceId, PaymentId,
    payment::{GatewayOutcome, PaymentAttempted},
};
use coterie_gateway::domain_outcome;
use sqlx::PgConnection;

const MAX_ATTEMPTS: u32 = 12;

pub(super) async fn run(config: &WorkerConfig, job: Job) -> Result<(), JobError> {
    if job.payload.get("payment_id").is_some() {
        let id: PaymentId = field(&job, "payment_id")?;
        let unanswered = payment::unanswered(&config.app, &caller(&job), id).await;
        return match unanswered.map_err(after)? {
            Some(attempt) => submit(config, &job, &attempt).await,
            None => Ok(()),
        };
    }
    let invoice: InvoiceId = match job.payload.get("invoice_id") {
        Some(_) => field(&job, "invoice_id")?,
        None => field(&job, "stream_id")?,
    };
    collect(config, &job, invoice).await
}

pub(super) async fn collect(config: &WorkerConfig, job: &Job, invoice: InvoiceId) -> Result<(), JobError> {
    // A job makes one attempt at an invoice, however often it is started: started again after its outcome was recorded, it
    // must not try the card once more.
    let caller = caller(job).with_key(&format!("{}:{invoice}", job.id), invoice.0.as_bytes());
    match payment::attempt(&config.app, &caller, invoice, false)
        .await
        .map_err(after)?
    {
        Attempt::Submit(attempt) => submit(config, job, &attempt).await,
        Attempt::NothingToPay | Attempt::Live(_) | Attempt::Answered(_) => Ok(()),
        Attempt::CannotCharge(why) => {
            tracing::info!(tenant = %job.tenant, %invoice, why, "an invoice waits to be paid");
            Ok(())
        }
    }
}

/// Sends an attempt as it was written down, and records what the gateway says of it.
async fn submit(config: &WorkerConfig, job: &Job, attempt: &PaymentAttempted) -> Result<(), JobError> {
    let caller = caller(job);
    let invoice = attempt.invoice_id;
    let info = organization::by_id(&config.app, job.tenant)
        .await
        .map_err(after)?
        .ok_or_else(|| JobError::fail("the organization is gone"))?;
    let gateway = config
        .gateway(info.sandbox)
        .ok_or_else(|| JobError::retry("no gateway is configured"))?;
    let heard = match domain_outcome::submit(gateway.as_ref(), attempt, &job.tenant.to_string(), None).await {
        Ok(found) => domain_outcome::outcome(&found, Some(attempt)),
        Err(error) => match domain_outcome::error_outcome(&error, job.is_last_attempt()) {
            Some(outcome) => {
                tracing::warn!(tenant = %job.tenant, %invoice, payment = %attempt.payment_id, %error, "a charge did not go through as asked");
                Some(outcome)
            }
            None => return Err(JobError::retry(error)),
        },
    };
    let outcome = heard.unwrap_or_else(|| GatewayOutcome::Unknown {
        reason: "the intent is still open".to_owned(),
    });
    payment::record(&config.app, &caller, attempt.payment_id, &outcome, Heard::Answer)
        .await
        .map_err(after)?;
    config.wake.wake();
    Ok(())
}

/// Asks, in the transaction that fires the alarm, for an invoice to be collected because its retry is due.
pub(crate) async fn enqueue_collect_in_op(
    conn: &mut PgConnection,
    alarm: &Alarm,
    invoice: InvoiceId,
) -> Result<(), sqlx::Error> {
    let job = NewJob {
        tenant: alarm.tenant,
        kind: super::COLLECT,
        idempotency_key: format!("retry:{invoice}:{}", alarm.due_at.as_microsecond()),
        payload: serde_json::json!({ "invoice_id": invoice }),
        run_at: None,
        max_attempts: MAX_ATTEMPTS,
    };
    enqueue_in_op(conn, job).await?;
    Ok(())
}
