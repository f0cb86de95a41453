//! What is mailed because of an event: each letter once per subject and recipient, by the outbox's own key.

pub(super) mod action_required;
pub(super) mod booking_news;
pub(super) mod confirm;
pub(super) mod credit_note;
pub(super) mod guests;
pub(super) mod invoice;
pub(super) mod payment_failed;
pub(super) mod price_change;
pub(super) mod receipt;
pub(super) mod visit;
pub(super) mod waitlist;

use super::{after, after_database};
use crate::{
    WorkerConfig,
    mail::{
        Address, Attachment, Letter, Sender, queue_in_op,
        templates::{Amount, Wording},
    },
    queue::JobError,
};
use coterie_app::{Operation, clock, legal_entity};
use coterie_documents::paper::{self, Issued};
use coterie_domain::{InvoiceId, Money, invoice::InvoiceIssued, personal::FORGOTTEN};
use jiff::civil::Date;
use uuid::Uuid;

/// Puts a letter into the outbox and commits. `person` is whom it is addressed to: a member or a company.
#[expect(clippy::too_many_arguments, reason = "a letter is made of exactly these")]
async fn queue<W: Wording>(
    config: &WorkerConfig,
    op: Operation,
    organization: &str,
    letter: &W,
    subject_id: Uuid,
    person: Uuid,
    name: &str,
    email: &str,
) -> Result<(), JobError> {
    queue_with(
        config,
        op,
        organization,
        letter,
        subject_id,
        person,
        name,
        email,
        Vec::new(),
    )
    .await
}

/// As [`queue`], with files.
#[expect(clippy::too_many_arguments, reason = "a letter is made of exactly these")]
async fn queue_with<W: Wording>(
    config: &WorkerConfig,
    mut op: Operation,
    organization: &str,
    letter: &W,
    subject_id: Uuid,
    person: Uuid,
    name: &str,
    email: &str,
    attachments: Vec<Attachment>,
) -> Result<(), JobError> {
    if email == FORGOTTEN {
        // She was forgotten before the letter was written: there is nobody to send it to.
        return Ok(());
    }
    // Whoever forgets her now finds the letter; whoever did so meanwhile leaves nobody to write to.
    match op.hold_person(person).await {
        Err(error) if error.code() == Some("forgotten") => return Ok(()),
        held => held.map_err(after)?,
    }
    let recipient = Address::new(Some(name), email).map_err(JobError::fail)?;
    let words = letter.words().map_err(JobError::fail)?;
    let from = Address::new(Some(organization), &config.mail_from.email()).map_err(JobError::fail)?;
    let sender = Sender {
        from,
        captured: op.sandbox,
    };
    let letter = Letter {
        kind: W::KIND,
        subject_id,
        recipient,
        subject: words.subject,
        text: words.text,
        html: words.html,
        attachments,
        reply_to: None,
    };
    let tenant = op.tenant();
    queue_in_op(op.conn(), tenant, &sender, &letter, clock::wall_now())
        .await
        .map_err(JobError::retry)?;
    op.commit(()).await.map_err(after)?;
    config.wake.wake();
    Ok(())
}

/// An issued document as the PDF that goes with its letter.
async fn attached(config: &WorkerConfig, tenant: Uuid, issued: Issued) -> Result<Attachment, JobError> {
    let letterhead = issued.paper().letterhead();
    let logo = legal_entity::logo_of(&config.app, tenant, issued.legal_entity_id(), letterhead)
        .await
        .map_err(after)?;
    let filename = issued.file_name("pdf");
    let set = tokio::task::spawn_blocking(move || {
        let logo = logo.as_ref().map(|logo| logo.bytes.as_slice());
        paper::pdf(issued.paper(), logo)
    });
    let bytes = set.await.map_err(JobError::retry)?.map_err(JobError::fail)?;
    Ok(Attachment {
        filename,
        content_type: "application/pdf".to_owned(),
        bytes,
    })
}

async fn organization_name(op: &mut Operation) -> Result<String, JobError> {
    let tenant = op.tenant();
    sqlx::query_scalar("select name from organization where tenant_id = $1")
        .bind(tenant)
        .fetch_one(op.conn())
        .await
        .map_err(after_database)
}

async fn issued(op: &mut Operation, id: InvoiceId) -> Result<InvoiceIssued, JobError> {
    coterie_app::invoice::load(op, id)
        .await
        .map_err(after)?
        .ok_or_else(|| JobError::fail(format!("there is no invoice {id}")))
}

async fn link(config: &WorkerConfig, tenant: Uuid, path: &str) -> Result<String, JobError> {
    config
        .urls
        .page(&config.app, tenant, path)
        .await
        .map_err(after_database)
}

fn date(day: Date) -> String {
    day.strftime("%-d %B %Y").to_string()
}

fn money(minor: i64, invoice: &InvoiceIssued) -> String {
    Money::new(minor, invoice.currency).to_string()
}

/// Net and tax of an invoice, a row each.
fn amounts(invoice: &InvoiceIssued) -> Vec<Amount> {
    let mut rows = vec![Amount {
        label: "Net".to_owned(),
        amount: money(invoice.net_minor, invoice),
    }];
    rows.extend(invoice.tax.iter().map(|tax| Amount {
        label: format!("VAT {} %", tax.rate_percent),
        amount: money(tax.tax_minor, invoice),
    }));
    rows
}

/// The saved card as people know it.
async fn method(op: &mut Operation, invoice: &InvoiceIssued) -> Result<Option<String>, JobError> {
    let (account, _) = coterie_app::member::load_account(op, invoice.payer, invoice.legal_entity_id)
        .await
        .map_err(after)?;
    Ok(account
        .payment_method
        .map(|method| format!("{} ending in {}", method.brand, method.last4)))
}
