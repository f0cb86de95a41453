use super::{date, issued, link, method, organization_name, queue};
use crate::{
    WorkerConfig,
    jobs::{after, event, reading},
    mail::templates::{PaymentActionRequired, PaymentFailed},
    queue::{Job, JobError},
};
use coterie_app::{operation, payment};
use coterie_domain::{
    local_time,
    payment::{DeclineKind, PaymentEvent, retry_after_days},
};
use jiff::ToSpan;

/// Says what happened and what to do: wait for the next try, save another card, or confirm with the bank.
pub(in crate::jobs) async fn run(config: &WorkerConfig, job: Job) -> Result<(), JobError> {
    let mut op = reading(config, &job).await?;
    let recorded = event(&mut op, &job).await?;
    let PaymentEvent::PaymentFailed(failed) = operation::decode(&recorded).map_err(after)? else {
        return Ok(());
    };
    if failed.kind == DeclineKind::Other {
        // Our fault or the gateway's, not the member's: somebody at the chain has to look, she is not written to.
        tracing::error!(tenant = %job.tenant, payment = %failed.payment_id, code = failed.code, "a charge was refused for a reason that is not the card's");
        return Ok(());
    }
    let (attempt, _) = payment::load(&mut op, failed.payment_id).await.map_err(after)?;
    let invoice = issued(&mut op, failed.invoice_id).await?;
    let organization = organization_name(&mut op).await?;
    let link = link(config, job.tenant, &format!("/invoices/{}", failed.invoice_id)).await?;
    let amount = attempt.fact.amount.to_string();
    let (name, email) = (invoice.buyer.name.clone(), invoice.buyer.email.clone());
    let payer = invoice.payer.id();
    if failed.kind == DeclineKind::AuthenticationRequired {
        let letter = PaymentActionRequired {
            organization: organization.clone(),
            name: name.clone(),
            link,
            number: invoice.number.clone(),
            amount,
        };
        return queue(
            config,
            op,
            &organization,
            &letter,
            failed.payment_id.0,
            payer,
            &name,
            &email,
        )
        .await;
    }
    let catalogue = op.catalogue().await.map_err(after)?;
    let zone = catalogue
        .legal_entity(invoice.legal_entity_id)
        .and_then(|entity| local_time::zone(&entity.fact.time_zone))
        .map_err(|refusal| JobError::fail(refusal.sentence))?;
    let next_try = retry_after_days(attempt.fact.attempt, failed.kind)
        .and_then(|days| recorded.occurred_at.checked_add((days * 24).hours()).ok())
        .map(|due| date(local_time::day_at(due, &zone)));
    let letter = PaymentFailed {
        organization: organization.clone(),
        name: name.clone(),
        link,
        number: invoice.number.clone(),
        amount,
        method: method(&mut op, &invoice)
            .await?
            .map_or_else(|| "your card".to_owned(), |method| format!("your {method}")),
        reason: reason(&failed.code, failed.decline_code.as_deref()).to_owned(),
        next_try,
    };
    queue(
        config,
        op,
        &organization,
        &letter,
        failed.payment_id.0,
        payer,
        &name,
        &email,
    )
    .await
}

/// A sentence for the member; the bank's own words stay in the log.
fn reason(code: &str, decline_code: Option<&str>) -> &'static str {
    match (code, decline_code.unwrap_or_default()) {
        (_, "insufficient_funds") => "The account behind the card did not have enough funds.",
        ("expired_card", _) | (_, "expired_card") => "The card has expired.",
        (_, "lost_card" | "stolen_card" | "pickup_card") => "The card can no longer be used.",
        _ => "The bank declined the charge.",
    }
}
