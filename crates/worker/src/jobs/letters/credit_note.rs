use super::{attached, link, organization_name, queue_with};
use crate::{
    WorkerConfig,
    jobs::{after, field, reading},
    mail::templates::CreditNoteIssued,
    queue::{Job, JobError},
};
use coterie_documents::paper::Issued;
use coterie_domain::{CreditNoteId, Money};

pub(in crate::jobs) async fn run(config: &WorkerConfig, job: Job) -> Result<(), JobError> {
    let id: CreditNoteId = field(&job, "stream_id")?;
    let mut op = reading(config, &job).await?;
    let note = coterie_app::credit_note::load(&mut op, id)
        .await
        .map_err(after)?
        .ok_or_else(|| JobError::fail(format!("there is no credit note {id}")))?;
    let organization = organization_name(&mut op).await?;
    let money = |minor| Money::new(minor, note.currency).to_string();
    let letter = CreditNoteIssued {
        organization: organization.clone(),
        name: note.buyer.name.clone(),
        link: link(config, job.tenant, &format!("/credit-notes/{id}")).await?,
        number: note.number.clone(),
        invoice_number: note.invoice_number.clone(),
        issuer: note.seller.name.clone(),
        reason: note.reason.clone(),
        total: money(note.gross_minor),
        credit: (note.owed_minor() > 0).then(|| money(note.owed_minor())),
    };
    let file = attached(config, job.tenant, Issued::CreditNote(Box::new(note.clone()))).await?;
    queue_with(
        config,
        op,
        &organization,
        &letter,
        id.0,
        note.payer.id(),
        &note.buyer.name,
        &note.buyer.email,
        vec![file],
    )
    .await
}
