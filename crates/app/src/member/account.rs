//! A payer's account with a legal entity: the Stripe customer and the saved card. The card itself is saved on a hosted
//! page; here stands only what Stripe calls it.

use crate::{App, Caller, Operation, Outcome, Start, UseCaseError, trouble};
use coterie_domain::{
    LegalEntityId, Payer,
    member::{CustomerRegistered, PayerAccount, PayerAccountEvent, PaymentMethodSaved},
};

/// # Errors
/// When the database fails or an event cannot be read.
pub async fn load_account(
    op: &mut Operation,
    payer: Payer,
    entity: LegalEntityId,
) -> Result<(PayerAccount, i64), UseCaseError> {
    let stream = payer.account_stream(entity);
    let loaded = op
        .load::<PayerAccountEvent, PayerAccount>(stream, |state, event| Some(state.unwrap_or_default().evolve(event)))
        .await?;
    Ok(loaded.unwrap_or_default())
}

/// What is known of a payer's account, for whoever talks to the gateway.
///
/// # Errors
/// When the database fails or an event cannot be read.
pub async fn account(
    app: &App,
    caller: &Caller,
    payer: Payer,
    entity: LegalEntityId,
) -> Result<PayerAccount, UseCaseError> {
    let mut op = Operation::open(app, caller).await?;
    Ok(load_account(&mut op, payer, entity).await?.0)
}

/// Records the Stripe customer of a payer. The first one stands.
///
/// # Errors
/// When the database fails.
pub async fn register_customer(
    app: &App,
    caller: &Caller,
    payer: Payer,
    entity: LegalEntityId,
    customer_id: &str,
) -> Outcome<String> {
    trouble::carry_out(app, caller, || {
        register_customer_once(app, caller, payer, entity, customer_id)
    })
    .await
}

async fn register_customer_once(
    app: &App,
    caller: &Caller,
    payer: Payer,
    entity: LegalEntityId,
    customer_id: &str,
) -> Outcome<String> {
    let mut op = match Operation::begin(app, caller).await? {
        Start::Fresh(op) => op,
        Start::Replay(done) => return Ok(done),
    };
    let (account, version) = load_account(&mut op, payer, entity).await?;
    if let Some(known) = account.customer_id {
        return op.commit(known).await;
    }
    let fact = CustomerRegistered {
        payer,
        legal_entity_id: entity,
        customer_id: customer_id.to_owned(),
    };
    op.write(payer.account_stream(entity), version, [PayerAccountEvent::from(fact)])?;
    op.commit(customer_id.to_owned()).await
}

/// Records the card that a payer saved on the hosted page. The same card again changes nothing.
///
/// # Errors
/// When the database fails.
pub async fn save_payment_method(app: &App, caller: &Caller, saved: PaymentMethodSaved) -> Outcome<String> {
    trouble::carry_out(app, caller, || save_payment_method_once(app, caller, saved.clone())).await
}

async fn save_payment_method_once(app: &App, caller: &Caller, saved: PaymentMethodSaved) -> Outcome<String> {
    let mut op = match Operation::begin(app, caller).await? {
        Start::Fresh(op) => op,
        Start::Replay(done) => return Ok(done),
    };
    let stream = saved.payer.account_stream(saved.legal_entity_id);
    let (account, version) = load_account(&mut op, saved.payer, saved.legal_entity_id).await?;
    let id = saved.payment_method_id.clone();
    if account
        .payment_method
        .as_ref()
        .is_none_or(|known| known.payment_method_id != id)
    {
        op.write(stream, version, [PayerAccountEvent::from(saved)])?;
    }
    op.commit(id).await
}
