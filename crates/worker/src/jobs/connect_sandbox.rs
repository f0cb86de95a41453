//! A sandbox's legal entity gets its account at the simulator by itself; a live one is connected by its owner.

use super::{after, after_database, caller, event, reading};
use crate::{
    WorkerConfig,
    queue::{Job, JobError},
    test_clock,
};
use coterie_app::{legal_entity, operation};
use coterie_domain::legal_entity::LegalEntityEvent;
use coterie_gateway::NewAccount;
use std::collections::BTreeMap;

pub(super) async fn run(config: &WorkerConfig, job: Job) -> Result<(), JobError> {
    let mut op = reading(config, &job).await?;
    if !op.sandbox {
        return Ok(());
    }
    let recorded = event(&mut op, &job).await?;
    let LegalEntityEvent::LegalEntityCreated(created) = operation::decode(&recorded).map_err(after)? else {
        return Ok(());
    };
    let gateway = config
        .gateway(true)
        .ok_or_else(|| JobError::retry("no simulator is configured"))?;
    let slug: String = sqlx::query_scalar("select slug from organization where tenant_id = $1")
        .bind(job.tenant)
        .fetch_one(op.conn())
        .await
        .map_err(after_database)?;
    let now = op.now;
    drop(op);
    let account = NewAccount {
        country: created.address.country.clone(),
        email: None,
        business_name: created.name.clone(),
        metadata: BTreeMap::from([
            ("organization".to_owned(), job.tenant.to_string()),
            ("slug".to_owned(), slug),
        ]),
    };
    let opened = gateway
        .create_account(&created.legal_entity_id.to_string(), &account)
        .await
        .map_err(JobError::retry)?;
    legal_entity::connect_stripe(&config.app, &caller(&job), created.legal_entity_id, &opened.id)
        .await
        .map_err(after)?;
    // The simulator keeps the sandbox's time from the first day on: pages that close after half an hour close by it.
    test_clock::set_simulator(config, &opened.id, now)
        .await
        .map_err(JobError::retry)
}
