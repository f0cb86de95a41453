//! Jobs: one file each. Every job carries its tenant; a payload names events or ids, never copies of data.

mod apply_webhook;
mod collect;
mod collect_open;
mod connect_sandbox;
mod forget_customer;
mod invoice_run;
mod letters;
mod look_up;
mod price_change;
mod publish_anchors;
mod refund_visit;
mod sweep;
mod visit_page;

pub(crate) use collect::enqueue_collect_in_op;

use crate::{
    WorkerConfig,
    mail::SendMail,
    queue::{Cron, Job, JobError, JobHandler},
};
use coterie_app::{Caller, Operation, UseCaseError};
use coterie_eventlog::RecordedEvent;
use futures::future::BoxFuture;
use serde::de::DeserializeOwned;
use std::{sync::Arc, time::Duration};
use uuid::Uuid;

pub(crate) const CONNECT_SANDBOX: &str = "connect_sandbox";
pub(crate) const COLLECT: &str = "collect";
pub(crate) const COLLECT_OPEN: &str = "collect_open";
pub(crate) const LOOK_UP: &str = "look_up";
pub(crate) const APPLY_WEBHOOK: &str = "apply_webhook";
pub(crate) const VISIT_PAGE: &str = "visit_page";
pub(crate) const REFUND_VISIT: &str = "refund_visit";
pub(crate) const PUBLISH_ANCHORS: &str = "publish_anchors";
pub(crate) const FORGET_CUSTOMER: &str = "forget_customer";
pub(crate) const INVOICE_RUN: &str = "invoice_run";
pub(crate) const PRICE_CHANGE: &str = "price_change";
pub(crate) const SWEEP: &str = "sweep";
pub(crate) const MAIL_CONFIRM: &str = "mail_confirm";
pub(crate) const MAIL_INVOICE: &str = "mail_invoice";
pub(crate) const MAIL_CREDIT_NOTE: &str = "mail_credit_note";
pub(crate) const MAIL_RECEIPT: &str = "mail_receipt";
pub(crate) const MAIL_PAYMENT_FAILED: &str = "mail_payment_failed";
pub(crate) const MAIL_ACTION_REQUIRED: &str = "mail_action_required";
pub(crate) const MAIL_BOOKING_NEWS: &str = "mail_booking_news";
pub(crate) const MAIL_GUESTS: &str = "mail_guests";
pub(crate) const MAIL_WAITLIST_OFFER: &str = "mail_waitlist_offer";
pub(crate) const MAIL_VISIT: &str = "mail_visit";
pub(crate) const MAIL_PRICE_CHANGE: &str = "mail_price_change";
pub(crate) const MAIL_PRICE_CHANGE_OFF: &str = "mail_price_change_off";

/// One kind of job and the function that does it.
struct Handler {
    kind: &'static str,
    config: WorkerConfig,
    run: fn(WorkerConfig, Job) -> BoxFuture<'static, Result<(), JobError>>,
}

impl JobHandler for Handler {
    fn kind(&self) -> &'static str {
        self.kind
    }
    fn run(&self, job: Job) -> BoxFuture<'_, Result<(), JobError>> {
        (self.run)(self.config.clone(), job)
    }
}

/// Every handler of this worker.
pub(crate) fn handlers(config: &WorkerConfig) -> Vec<Arc<dyn JobHandler>> {
    macro_rules! handler {
        ($kind:expr, $run:path) => {
            Arc::new(Handler {
                kind: $kind,
                config: config.clone(),
                run: |config, job| Box::pin(async move { $run(&config, job).await }),
            }) as Arc<dyn JobHandler>
        };
    }
    vec![
        handler!(CONNECT_SANDBOX, connect_sandbox::run),
        handler!(COLLECT, collect::run),
        handler!(COLLECT_OPEN, collect_open::run),
        handler!(LOOK_UP, look_up::run),
        handler!(APPLY_WEBHOOK, apply_webhook::run),
        handler!(VISIT_PAGE, visit_page::run),
        handler!(REFUND_VISIT, refund_visit::run),
        handler!(FORGET_CUSTOMER, forget_customer::run),
        handler!(INVOICE_RUN, invoice_run::run),
        handler!(PRICE_CHANGE, price_change::run),
        handler!(SWEEP, sweep::run),
        handler!(PUBLISH_ANCHORS, publish_anchors::run),
        handler!(MAIL_CONFIRM, letters::confirm::run),
        handler!(MAIL_INVOICE, letters::invoice::run),
        handler!(MAIL_CREDIT_NOTE, letters::credit_note::run),
        handler!(MAIL_RECEIPT, letters::receipt::run),
        handler!(MAIL_PAYMENT_FAILED, letters::payment_failed::run),
        handler!(MAIL_ACTION_REQUIRED, letters::action_required::run),
        handler!(MAIL_BOOKING_NEWS, letters::booking_news::run),
        handler!(MAIL_GUESTS, letters::guests::run),
        handler!(MAIL_WAITLIST_OFFER, letters::waitlist::run),
        handler!(MAIL_PRICE_CHANGE, letters::price_change::announced),
        handler!(MAIL_PRICE_CHANGE_OFF, letters::price_change::called_off),
        handler!(MAIL_VISIT, letters::visit::run),
        Arc::new(SendMail::new(config.app.pool.clone(), config.transports.clone())),
    ]
}

/// What comes round by itself.
pub(crate) fn schedule(config: &WorkerConfig) -> Vec<Cron> {
    let mut schedule = vec![Cron {
        name: "sweep",
        kind: SWEEP,
        every: Duration::from_mins(1),
        max_attempts: 1,
    }];
    schedule.extend(config.anchors.as_ref().map(|anchors| Cron {
        name: "publish_anchors",
        kind: PUBLISH_ANCHORS,
        every: anchors.every,
        max_attempts: 1,
    }));
    schedule
}

/// A field of the payload.
fn field<T: DeserializeOwned>(job: &Job, name: &str) -> Result<T, JobError> {
    let value = job.payload.get(name).cloned().unwrap_or_default();
    serde_json::from_value(value).map_err(|error| JobError::fail(format!("the payload's {name}: {error}")))
}

/// Whoever acts in a job: the house, on the thread of the request that led here.
fn caller(job: &Job) -> Caller {
    let mut caller = Caller::system(job.tenant, "worker");
    if let Some(correlation) = job
        .payload
        .get("correlation_id")
        .and_then(|id| serde_json::from_value::<Uuid>(id.clone()).ok())
    {
        caller.correlation = correlation;
    }
    caller.causation = job.payload.get("position").and_then(serde_json::Value::as_i64);
    caller
}

/// What a use case's error means for a job: what will not change by waiting is given up.
fn after(error: UseCaseError) -> JobError {
    match error {
        UseCaseError::Database(_) => JobError::retry(error),
        passing if passing.passes() => JobError::retry(passing),
        UseCaseError::Refused(refusal) => JobError::fail(refusal.sentence),
        other => JobError::fail(other),
    }
}

fn after_database(error: sqlx::Error) -> JobError {
    after(error.into())
}

/// The event that a reaction's job names.
async fn event(op: &mut Operation, job: &Job) -> Result<RecordedEvent, JobError> {
    let position: i64 = field(job, "position")?;
    let mut events = coterie_eventlog::read_tenant(op.conn(), job.tenant, position - 1, Some(position), 1)
        .await
        .map_err(after_database)?;
    op.open_events(&mut events).await.map_err(after)?;
    events
        .into_iter()
        .next()
        .ok_or_else(|| JobError::fail(format!("there is no event {position}")))
}

/// Opens an operation for reading; nothing is written through it.
async fn reading(config: &WorkerConfig, job: &Job) -> Result<Operation, JobError> {
    Operation::open(&config.app, &caller(job)).await.map_err(after)
}
