use super::{InvoiceGuard, load, lock_invoice};
use crate::{App, Caller, Operation, Start, UseCaseError, member, trouble};
use coterie_domain::{
    InvoiceId, Money, PaymentId,
    payment::{PaymentAttempted, PaymentEvent, PaymentState},
};

/// What to do about an open invoice.
#[derive(Debug, Clone, PartialEq)]
pub enum Attempt {
    /// Send exactly this under the payment's id as key: new, or written before a crash and never answered.
    Submit(Box<PaymentAttempted>),
    /// An attempt is with the bank or its outcome is unknown; another must wait.
    Live(PaymentId),
    /// This very command made an attempt before, and its outcome is known.
    Answered(PaymentId),
    NothingToPay,
    /// Nobody saved a card, or the legal entity has no Stripe account yet.
    CannotCharge(&'static str),
}

/// Transaction 1 of a charge: takes the invoice's guard, refuses while an attempt is live, writes what will be sent. Under a
/// command key it makes one attempt at most: asked again, it answers what became of that one, and somebody else's live
/// attempt is left to whoever made it.
///
/// # Errors
/// `NotFound` for an unknown invoice; whatever the database says.
pub async fn attempt(
    app: &App,
    caller: &Caller,
    invoice_id: InvoiceId,
    on_session: bool,
) -> Result<Attempt, UseCaseError> {
    trouble::again(|| attempt_once(app, caller, invoice_id, on_session)).await
}

async fn attempt_once(
    app: &App,
    caller: &Caller,
    invoice_id: InvoiceId,
    on_session: bool,
) -> Result<Attempt, UseCaseError> {
    let mut op = match Operation::begin::<PaymentId>(app, caller).await? {
        Start::Fresh(op) => op,
        Start::Replay(done) => {
            let attempt = unanswered(app, caller, done.outcome).await?;
            return Ok(attempt.map_or(Attempt::Answered(done.outcome), |fact| Attempt::Submit(Box::new(fact))));
        }
    };
    let guard = lock_invoice(&mut op, invoice_id).await?;
    if guard.open_minor == 0 {
        return Ok(Attempt::NothingToPay);
    }
    if let Some(live) = guard.live {
        let (payment, _) = load(&mut op, live).await?;
        return Ok(match payment.state {
            PaymentState::Submitted if caller.idempotency.is_none() => Attempt::Submit(Box::new(payment.fact)),
            _ => Attempt::Live(live),
        });
    }
    let catalogue = op.catalogue().await?;
    let entity = catalogue.legal_entity(guard.legal_entity_id)?;
    let Some(account_id) = entity.stripe_account.clone() else {
        return Ok(Attempt::CannotCharge("the legal entity has no Stripe account"));
    };
    let (account, _) = member::load_account(&mut op, guard.payer, guard.legal_entity_id).await?;
    let (Some(customer_id), Some(method)) = (account.customer_id, account.payment_method) else {
        return Ok(Attempt::CannotCharge("the payer has no saved card"));
    };
    let id = PaymentId(op.new_id());
    let amount = Money::new(guard.open_minor, entity.fact.currency);
    let (intent, replaces) = intent_for(&mut op, &guard, amount).await?;
    let request = serde_json::json!({
        "amount": amount.minor, "currency": amount.currency.code().to_lowercase(), "customer": customer_id,
        "payment_method": method.payment_method_id, "intent": intent, "replaces": replaces, "off_session": !on_session,
        "metadata": { "organization": op.tenant(), "invoice": invoice_id, "attempt": id },
    });
    let fact = PaymentAttempted {
        payment_id: id,
        invoice_id,
        legal_entity_id: guard.legal_entity_id,
        payer: guard.payer,
        amount,
        account_id,
        customer_id,
        payment_method_id: method.payment_method_id,
        intent_id: intent,
        attempt: guard.attempts + 1,
        on_session,
        request,
    };
    let tenant = op.tenant();
    sqlx::query("update invoice_guard set live_payment_id = $3, last_payment_id = $3, intent_id = $4, attempts = attempts + 1 where tenant_id = $1 and invoice_id = $2")
        .bind(tenant)
        .bind(invoice_id.0)
        .bind(id.0)
        .bind(&fact.intent_id)
        .execute(op.conn())
        .await?;
    op.write(id.0, 0, [PaymentEvent::from(fact.clone())])?;
    op.commit(id).await?;
    Ok(Attempt::Submit(Box::new(fact)))
}

/// The intent to confirm, and the one to cancel first: an intent is for one amount, and a credit note changes what is owed. Two
/// live intents for one debt are how people are charged twice.
async fn intent_for(
    op: &mut Operation,
    guard: &InvoiceGuard,
    amount: Money,
) -> Result<(Option<String>, Option<String>), UseCaseError> {
    let (Some(intent), Some(last)) = (guard.intent_id.clone(), guard.last) else {
        return Ok((guard.intent_id.clone(), None));
    };
    let (last, _) = load(op, last).await?;
    if last.fact.amount == amount {
        Ok((Some(intent), None))
    } else {
        Ok((None, Some(intent)))
    }
}

/// The attempt that was written and never answered, if it still is: what the sweep sends again, unchanged. It never leads
/// to another attempt.
///
/// # Errors
/// `NotFound` for an unknown payment; whatever the database says.
pub async fn unanswered(app: &App, caller: &Caller, id: PaymentId) -> Result<Option<PaymentAttempted>, UseCaseError> {
    let mut op = Operation::open(app, caller).await?;
    let (payment, _) = load(&mut op, id).await?;
    Ok((payment.state == PaymentState::Submitted).then_some(payment.fact))
}
