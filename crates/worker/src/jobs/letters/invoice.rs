use super::{amounts, attached, date, issued, link, method, money, organization_name, queue_with, visit};
use crate::{
    WorkerConfig,
    jobs::{field, reading},
    mail::templates::InvoiceIssued,
    queue::{Job, JobError},
};
use coterie_documents::paper::Issued;
use coterie_domain::InvoiceId;

pub(in crate::jobs) async fn run(config: &WorkerConfig, job: Job) -> Result<(), JobError> {
    let id: InvoiceId = field(&job, "stream_id")?;
    let mut op = reading(config, &job).await?;
    let invoice = issued(&mut op, id).await?;
    if visit::is_visitors(&mut op, &invoice).await? {
        // She paid before it was issued: the receipt and the letter about her booking lead to it.
        return Ok(());
    }
    let organization = organization_name(&mut op).await?;
    let collection = method(&mut op, &invoice)
        .await?
        .map(|method| format!("We will charge your {method}."));
    let letter = InvoiceIssued {
        organization: organization.clone(),
        name: invoice.buyer.name.clone(),
        link: link(config, job.tenant, &format!("/invoices/{id}")).await?,
        number: invoice.number.clone(),
        issuer: invoice.seller.name.clone(),
        issued_on: date(invoice.issue_date),
        amounts: amounts(&invoice),
        total: money(invoice.gross_minor, &invoice),
        due_on: date(invoice.due_date),
        collection,
    };
    let file = attached(config, job.tenant, Issued::Invoice(Box::new(invoice.clone()))).await?;
    queue_with(
        config,
        op,
        &organization,
        &letter,
        id.0,
        invoice.payer.id(),
        &invoice.buyer.name,
        &invoice.buyer.email,
        vec![file],
    )
    .await
}
