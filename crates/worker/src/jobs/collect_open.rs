//! A payer saved a card: what is open and not at the bank is collected with it.

use super::{after_database, collect, event, reading};
use crate::{
    WorkerConfig,
    queue::{Job, JobError},
};
use coterie_app::operation;
use coterie_domain::{InvoiceId, member::PayerAccountEvent};
use uuid::Uuid;

pub(super) async fn run(config: &WorkerConfig, job: Job) -> Result<(), JobError> {
    let mut op = reading(config, &job).await?;
    let recorded = event(&mut op, &job).await?;
    let PayerAccountEvent::PaymentMethodSaved(saved) = operation::decode(&recorded).map_err(super::after)? else {
        return Ok(());
    };
    let open: Vec<Uuid> = sqlx::query_scalar(
        "select invoice_id from invoice_guard where tenant_id = $1 and payer_id = $2 and legal_entity_id = $3 and open_minor > 0 and live_payment_id is null order by invoice_id",
    )
    .bind(job.tenant)
    .bind(saved.payer.id())
    .bind(saved.legal_entity_id.0)
    .fetch_all(op.conn())
    .await
    .map_err(after_database)?;
    drop(op);
    for invoice in open {
        collect::collect(config, &job, InvoiceId(invoice)).await?;
    }
    Ok(())
}
