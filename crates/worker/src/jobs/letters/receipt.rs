use super::{amounts, date, issued, link, method, money, organization_name, queue, visit};
use crate::{
    WorkerConfig,
    jobs::{after, event, reading},
    mail::templates::{Amount, Receipt},
    queue::{Job, JobError},
};
use coterie_app::{operation, payment};
use coterie_domain::{local_time, payment::PaymentEvent};

/// Once per payment: the outbox is keyed by it.
pub(in crate::jobs) async fn run(config: &WorkerConfig, job: Job) -> Result<(), JobError> {
    let mut op = reading(config, &job).await?;
    let recorded = event(&mut op, &job).await?;
    let PaymentEvent::PaymentSettled(settled) = operation::decode(&recorded).map_err(after)? else {
        return Ok(());
    };
    let invoice = issued(&mut op, settled.invoice_id).await?;
    let organization = organization_name(&mut op).await?;
    let guard = payment::lock_invoice(&mut op, settled.invoice_id)
        .await
        .map_err(after)?;
    let catalogue = op.catalogue().await.map_err(after)?;
    let zone = catalogue
        .legal_entity(invoice.legal_entity_id)
        .and_then(|entity| local_time::zone(&entity.fact.time_zone))
        .map_err(|refusal| JobError::fail(refusal.sentence))?;
    let (paid, _) = payment::load(&mut op, settled.payment_id).await.map_err(after)?;
    let page = match visit::of_payment(&paid.fact) {
        Some(visit) => visit::page(config, &mut op, visit).await?,
        None => format!("/invoices/{}", settled.invoice_id),
    };
    let mut rows = amounts(&invoice);
    rows.push(Amount {
        label: "Total".to_owned(),
        amount: money(invoice.gross_minor, &invoice),
    });
    let letter = Receipt {
        organization: organization.clone(),
        name: invoice.buyer.name.clone(),
        link: link(config, job.tenant, &page).await?,
        number: invoice.number.clone(),
        issuer: invoice.seller.name.clone(),
        amounts: rows,
        paid: settled.amount.to_string(),
        paid_on: date(local_time::day_at(recorded.occurred_at, &zone)),
        method: method(&mut op, &invoice).await?.unwrap_or_else(|| "card".to_owned()),
        balance: money(guard.open_minor, &invoice),
    };
    queue(
        config,
        op,
        &organization,
        &letter,
        settled.payment_id.0,
        invoice.payer.id(),
        &invoice.buyer.name,
        &invoice.buyer.email,
    )
    .await
}
