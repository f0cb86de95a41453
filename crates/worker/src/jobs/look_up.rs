//! Nobody knows whether an attempt moved money: the intent is looked up by customer, time and metadata. A miss is no
//! proof, so it stays unknown for a person to decide; it is never charged again by itself.

use super::{after, caller, field, reading};
use crate::{
    WorkerConfig,
    queue::{Job, JobError},
};
use coterie_app::payment::{self, Heard};
use coterie_domain::PaymentId;
use coterie_gateway::{FindIntents, domain_outcome};
use std::collections::BTreeMap;

pub(super) async fn run(config: &WorkerConfig, job: Job) -> Result<(), JobError> {
    let id: PaymentId = field(&job, "stream_id")?;
    let mut op = reading(config, &job).await?;
    let (attempt, _) = payment::load(&mut op, id).await.map_err(after)?;
    let gateway = config
        .gateway(op.sandbox)
        .ok_or_else(|| JobError::retry("no gateway is configured"))?;
    drop(op);
    let account = &attempt.fact.account_id;
    let found = if let Some(intent) = &attempt.intent_id {
        let known = gateway.retrieve_payment_intent(account, intent).await;
        Some(known.map_err(JobError::retry)?)
    } else {
        let find = FindIntents {
            customer: attempt.fact.customer_id.clone(),
            created_from: 0,
            created_until: i64::from(u32::MAX),
            metadata: BTreeMap::from([("attempt".to_owned(), id.to_string())]),
        };
        let intents = gateway.find_payment_intents(account, &find).await;
        intents.map_err(JobError::retry)?.into_iter().next()
    };
    let Some(outcome) = found
        .as_ref()
        .and_then(|found| domain_outcome::outcome(found, Some(&attempt.fact)))
    else {
        tracing::error!(tenant = %job.tenant, payment = %id, "the outcome of a charge is unknown; a person has to decide");
        metrics::counter!("coterie_payments_unknown_total").increment(1);
        return Ok(());
    };
    payment::record(&config.app, &caller(&job), id, &outcome, Heard::Answer)
        .await
        .map_err(after)?;
    Ok(())
}
