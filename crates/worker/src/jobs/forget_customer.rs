//! Who was forgotten here is deleted at the gateway too, with her card.

use super::{after, field, reading};
use crate::{
    WorkerConfig,
    queue::{Job, JobError},
};
use coterie_app::member;
use coterie_domain::{MemberId, Payer};

pub(super) async fn run(config: &WorkerConfig, job: Job) -> Result<(), JobError> {
    let payer = Payer::Member(MemberId(field(&job, "stream_id")?));
    let mut op = reading(config, &job).await?;
    let gateway = config
        .gateway(op.sandbox)
        .ok_or_else(|| JobError::retry("no gateway is configured"))?;
    let catalogue = op.catalogue().await.map_err(after)?;
    let mut customers = Vec::new();
    for (id, entity) in &catalogue.legal_entities {
        let (account, _) = member::load_account(&mut op, payer, *id).await.map_err(after)?;
        customers.extend(entity.stripe_account.clone().zip(account.customer_id));
    }
    drop(op);
    for (account, customer) in customers {
        gateway
            .delete_customer(&account, &customer)
            .await
            .map_err(JobError::retry)?;
    }
    Ok(())
}
