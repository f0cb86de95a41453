use super::{load, lock_invoice};
use crate::{App, Caller, Operation, Outcome, UseCaseError, alarm, trouble};
use coterie_domain::{
    InvoiceId, JournalEntryId, PaymentId,
    charge::SourceRef,
    invoice::{InvoiceEvent, InvoiceIssued},
    ledger::{self, JournalEvent},
    local_time,
    payment::{self, GatewayOutcome, Payment, PaymentEvent, PaymentFailed, PaymentSettled, PaymentState},
};
use jiff::ToSpan;

/// Where an outcome was heard. A failure heard from outside says nothing of an attempt that is still under way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Heard {
    /// The answer to the attempt's own request.
    Answer,
    /// A webhook or the sweep, after reading the intent again.
    Elsewhere,
}

/// Transaction 2 of a charge: records what the gateway says of an attempt. Saying it again changes nothing.
///
/// # Errors
/// `NotFound` for an unknown payment; whatever the database says.
pub async fn record(
    app: &App,
    caller: &Caller,
    id: PaymentId,
    outcome: &GatewayOutcome,
    heard: Heard,
) -> Outcome<PaymentState> {
    trouble::again(|| record_once(app, caller, id, outcome, heard)).await
}

async fn record_once(
    app: &App,
    caller: &Caller,
    id: PaymentId,
    outcome: &GatewayOutcome,
    heard: Heard,
) -> Outcome<PaymentState> {
    let mut op = Operation::open(app, caller).await?;
    let (payment, _) = load(&mut op, id).await?;
    record_in_op(&mut op, payment.fact.invoice_id, id, outcome, heard).await?;
    let (payment, _) = load(&mut op, id).await?;
    op.commit(payment.state).await
}

/// Records what a webhook or the sweep found for an invoice's intent: it belongs to the latest attempt.
///
/// # Errors
/// `NotFound` for an unknown invoice; whatever the database says.
pub async fn record_for_invoice(
    app: &App,
    caller: &Caller,
    invoice: InvoiceId,
    outcome: &GatewayOutcome,
) -> Outcome<Option<PaymentState>> {
    trouble::again(|| record_for_invoice_once(app, caller, invoice, outcome)).await
}

async fn record_for_invoice_once(
    app: &App,
    caller: &Caller,
    invoice: InvoiceId,
    outcome: &GatewayOutcome,
) -> Outcome<Option<PaymentState>> {
    let mut op = Operation::open(app, caller).await?;
    let guard = lock_invoice(&mut op, invoice).await?;
    let Some(last) = guard.last else {
        return op.commit(None).await;
    };
    record_in_op(&mut op, invoice, last, outcome, Heard::Elsewhere).await?;
    let (payment, _) = load(&mut op, last).await?;
    op.commit(Some(payment.state)).await
}

async fn record_in_op(
    op: &mut Operation,
    invoice: InvoiceId,
    id: PaymentId,
    outcome: &GatewayOutcome,
    heard: Heard,
) -> Result<(), UseCaseError> {
    let guard = lock_invoice(op, invoice).await?;
    let (payment, version) = load(op, id).await?;
    if heard == Heard::Elsewhere
        && payment.state == PaymentState::Submitted
        && matches!(outcome, GatewayOutcome::Failed { .. } | GatewayOutcome::Unknown { .. })
    {
        return Ok(());
    }
    // An intent that was cancelled for one of another amount says nothing of the attempt that has the new one.
    if let (
        Heard::Elsewhere,
        GatewayOutcome::Canceled {
            intent_id: Some(canceled),
        },
    ) = (heard, outcome)
        && payment.intent_id.as_ref() != Some(canceled)
    {
        return Ok(());
    }
    let Some(event) = payment::record(&payment, outcome) else {
        return Ok(());
    };
    op.write(id.0, version, [event.clone()])?;
    let next = Payment::evolve(Some(payment.clone()), event.clone())
        .ok_or_else(|| UseCaseError::Broken(format!("payment {id} lost its state")))?;
    let mut open_minor = guard.open_minor;
    match &event {
        PaymentEvent::PaymentSettled(settled) => {
            post_settled(op, &payment, settled, open_minor, version + 1).await?;
            // Money in another currency settles nothing, here as in the books.
            if settled.amount.currency == payment.fact.amount.currency {
                open_minor -= settled.amount.minor.min(open_minor);
            }
        }
        PaymentEvent::PaymentFailed(failed) => retry_later(op, &payment, failed).await?,
        _ => {}
    }
    let tenant = op.tenant();
    let live = guard.live.filter(|live| *live != id || next.state.live());
    let intent = if next.state == PaymentState::Canceled {
        None
    } else {
        next.intent_id.or(guard.intent_id)
    };
    sqlx::query("update invoice_guard set open_minor = $3, live_payment_id = $4, intent_id = $5 where tenant_id = $1 and invoice_id = $2")
        .bind(tenant)
        .bind(invoice.0)
        .bind(open_minor)
        .bind(live.map(|live| live.0))
        .bind(intent)
        .execute(op.conn())
        .await?;
    Ok(())
}

async fn post_settled(
    op: &mut Operation,
    payment: &Payment,
    settled: &PaymentSettled,
    open_minor: i64,
    version: i64,
) -> Result<(), UseCaseError> {
    let catalogue = op.catalogue().await?;
    let zone = local_time::zone(&catalogue.legal_entity(payment.fact.legal_entity_id)?.fact.time_zone)?;
    let today = local_time::day_at(op.now, &zone);
    let issued = op
        .load::<InvoiceEvent, InvoiceIssued>(payment.fact.invoice_id.0, |_, event| {
            let InvoiceEvent::InvoiceIssued(fact) = event;
            Some(fact)
        })
        .await?;
    let number = issued.map_or_else(String::new, |(issued, _)| issued.number);
    let id = payment.fact.payment_id;
    let source = SourceRef {
        category: "payment".to_owned(),
        stream_id: id.0,
        version,
        event_type: "PaymentSettled".to_owned(),
    };
    if let Some(entry) = ledger::payment_settled(
        JournalEntryId(op.new_id()),
        &payment.fact,
        settled,
        &number,
        open_minor,
        today,
        source,
    ) {
        op.write(entry.entry_id.0, 0, [JournalEvent::from(entry)])?;
    }
    Ok(())
}

async fn retry_later(op: &mut Operation, payment: &Payment, failed: &PaymentFailed) -> Result<(), UseCaseError> {
    if let Some(days) = payment::retry_after_days(payment.fact.attempt, failed.kind) {
        let due = op
            .now
            .checked_add((days * 24).hours())
            .map_err(|error| UseCaseError::Broken(error.to_string()))?;
        op.set_alarm(alarm::Kind::RetryPayment, payment.fact.invoice_id.0, due)
            .await?;
    }
    Ok(())
}
