use super::{issued, link, organization_name, queue};
use crate::{
    WorkerConfig,
    jobs::{after, field, reading},
    mail::templates::PaymentActionRequired,
    queue::{Job, JobError},
};
use coterie_app::payment;
use coterie_domain::PaymentId;

/// The bank wants to hear from the member before it pays. If she is at our page already, no mail is needed.
pub(in crate::jobs) async fn run(config: &WorkerConfig, job: Job) -> Result<(), JobError> {
    let id: PaymentId = field(&job, "stream_id")?;
    let mut op = reading(config, &job).await?;
    let (attempt, _) = payment::load(&mut op, id).await.map_err(after)?;
    if attempt.fact.on_session {
        return Ok(());
    }
    let invoice = issued(&mut op, attempt.fact.invoice_id).await?;
    let organization = organization_name(&mut op).await?;
    let letter = PaymentActionRequired {
        organization: organization.clone(),
        name: invoice.buyer.name.clone(),
        link: link(config, job.tenant, &format!("/invoices/{}", attempt.fact.invoice_id)).await?,
        number: invoice.number.clone(),
        amount: attempt.fact.amount.to_string(),
    };
    queue(
        config,
        op,
        &organization,
        &letter,
        id.0,
        invoice.payer.id(),
        &invoice.buyer.name,
        &invoice.buyer.email,
    )
    .await
}
