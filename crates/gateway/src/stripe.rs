//! [`Gateway`] over async-stripe's request builders.

use serde::de::DeserializeOwned;
use stripe::{IdempotencyKey, RequestStrategy, StripeRequest};

use crate::answer::{
    RawAccount, RawAccountLink, RawId, RawIntent, RawMethod, RawRefund, RawSession, RawSetupIntent, id_of,
};
use crate::error::GatewayError;
use crate::event::{Event, EventsAfter};
use crate::exchange::exchange;
use crate::gateway::{
    Account, AccountLink, ChargeCommand, ConfirmCommand, FindIntents, Gateway, GatewayFuture, NewAccount,
    NewAccountLink, NewCustomer, NewPaymentSession, NewRefund, NewSetupSession, Refund,
};
use crate::outcome::{PaymentOutcome, PaymentState};
use crate::setup::{HostedPage, PaymentSession, SavedMethod, SetupSession};
use crate::wire::{StripeConfig, Wire};
use crate::wire_error::declined;
use crate::{listing, request};

/// Speaks to Stripe, API version 2026-09-30. Cheap to clone; connections are pooled.
#[derive(Debug, Clone)]
pub struct StripeGateway {
    wire: Wire,
}

impl StripeGateway {
    /// # Errors
    /// [`GatewayError::Network`] when the address is no URL or the TLS stack cannot start.
    pub fn new(config: StripeConfig) -> Result<Self, GatewayError> {
        Ok(Self {
            wire: Wire::new(config)?,
        })
    }

    pub(crate) async fn get<T: DeserializeOwned + Send>(
        &self,
        account: &str,
        request: &impl StripeRequest,
    ) -> Result<T, GatewayError> {
        exchange(
            &self.wire,
            request.build(),
            Some(account_id(account)?),
            RequestStrategy::Once,
        )
        .await
    }

    async fn post<T: DeserializeOwned + Send>(
        &self,
        account: &str,
        key: &str,
        request: &impl StripeRequest,
    ) -> Result<T, GatewayError> {
        exchange(&self.wire, request.build(), Some(account_id(account)?), keyed(key)?).await
    }

    /// Creates or confirms an intent; a refusal with status 402 is an outcome.
    async fn pay(
        &self,
        account: &str,
        key: &str,
        request: &impl StripeRequest,
        known_intent: Option<&str>,
    ) -> Result<PaymentOutcome, GatewayError> {
        let error = match self.post::<RawIntent>(account, key, request).await {
            Ok(intent) => return Ok(intent.into()),
            Err(error) => error,
        };
        let Some((decline, intent)) = declined(&error) else {
            return Err(error);
        };
        if let Some(intent) = intent.and_then(|intent| serde_json::from_value::<RawIntent>(intent).ok()) {
            // The intent's own last error may lack what the answer's says, so the answer's reason stands.
            return Ok(PaymentOutcome {
                state: PaymentState::Failed { decline },
                ..intent.into()
            });
        }
        // Without the intent beside the refusal there is nothing to file it under, unless we knew it before.
        match known_intent {
            Some(intent) => {
                let outcome = self.retrieve_payment_intent(account, intent).await?;
                Ok(PaymentOutcome {
                    state: PaymentState::Failed { decline },
                    ..outcome
                })
            }
            None => Err(GatewayError::Unknown {
                action: "create a payment intent".into(),
                status: 402,
                replayed: false,
                detail: "declined, but the answer names no intent".into(),
                body: format!("{error:?}"),
            }),
        }
    }
}

/// Refuses what cannot be an id: ids become parts of paths and headers.
pub(crate) fn checked<'a>(id: &'a str, what: &str) -> Result<&'a str, GatewayError> {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
    if !id.is_empty() && id.len() <= 255 && id.bytes().all(plain) {
        Ok(id)
    } else {
        Err(request::invalid(what))
    }
}

fn hosted_page(created: RawSession, action: &str) -> Result<HostedPage, GatewayError> {
    created.created().ok_or_else(|| GatewayError::Unknown {
        action: action.into(),
        status: 200,
        replayed: false,
        detail: "the session has no page".into(),
        body: String::new(),
    })
}

fn account_id(account: &str) -> Result<stripe::AccountId, GatewayError> {
    checked(account, "account").map(stripe::AccountId::from)
}

fn keyed(key: &str) -> Result<RequestStrategy, GatewayError> {
    let visible = key.bytes().all(|byte| byte.is_ascii_graphic());
    let key = IdempotencyKey::new(key)
        .ok()
        .filter(|_| visible)
        .ok_or_else(|| request::invalid("idempotency key"))?;
    Ok(RequestStrategy::Idempotent(key))
}

impl Gateway for StripeGateway {
    fn create_account<'a>(&'a self, key: &'a str, account: &'a NewAccount) -> GatewayFuture<'a, Account> {
        Box::pin(async move {
            let request = request::account(account);
            exchange::<RawAccount>(&self.wire, request, None, keyed(key)?)
                .await
                .map(Account::from)
        })
    }

    fn retrieve_account<'a>(&'a self, account: &'a str) -> GatewayFuture<'a, Account> {
        Box::pin(async move {
            let request = request::retrieve_account(checked(account, "account")?);
            exchange::<RawAccount>(&self.wire, request, None, RequestStrategy::Once)
                .await
                .map(Account::from)
        })
    }

    fn create_account_link<'a>(&'a self, key: &'a str, link: &'a NewAccountLink) -> GatewayFuture<'a, AccountLink> {
        Box::pin(async move {
            let request = request::account_link(link);
            exchange::<RawAccountLink>(&self.wire, request, None, keyed(key)?)
                .await
                .map(AccountLink::from)
        })
    }

    fn create_customer<'a>(
        &'a self,
        account: &'a str,
        key: &'a str,
        customer: &'a NewCustomer,
    ) -> GatewayFuture<'a, String> {
        Box::pin(async move {
            self.post::<RawId>(account, key, &request::customer(customer))
                .await
                .map(|customer| customer.id)
        })
    }

    fn delete_customer<'a>(&'a self, account: &'a str, customer: &'a str) -> GatewayFuture<'a, ()> {
        Box::pin(async move {
            // Deleting is the same done twice, so it needs no key and takes "there is none" for an answer.
            match self.get::<RawId>(account, &request::delete_customer(customer)?).await {
                Ok(_) | Err(GatewayError::NotFound { .. }) => Ok(()),
                Err(error) => Err(error),
            }
        })
    }

    fn create_setup_session<'a>(
        &'a self,
        account: &'a str,
        key: &'a str,
        session: &'a NewSetupSession,
    ) -> GatewayFuture<'a, HostedPage> {
        Box::pin(async move {
            let created: RawSession = self.post(account, key, &request::setup_session(session)).await?;
            hosted_page(created, "create a setup session")
        })
    }

    fn create_payment_session<'a>(
        &'a self,
        account: &'a str,
        key: &'a str,
        session: &'a NewPaymentSession,
    ) -> GatewayFuture<'a, HostedPage> {
        Box::pin(async move {
            let created: RawSession = self.post(account, key, &request::payment_session(session)).await?;
            hosted_page(created, "create a payment session")
        })
    }

    fn retrieve_payment_session<'a>(&'a self, account: &'a str, session: &'a str) -> GatewayFuture<'a, PaymentSession> {
        Box::pin(async move {
            let session = stripe_checkout::checkout_session::RetrieveCheckoutSession::new(checked(session, "session")?);
            self.get::<RawSession>(account, &session)
                .await
                .map(PaymentSession::from)
        })
    }

    fn retrieve_setup_session<'a>(&'a self, account: &'a str, session: &'a str) -> GatewayFuture<'a, SetupSession> {
        Box::pin(async move {
            let session = stripe_checkout::checkout_session::RetrieveCheckoutSession::new(checked(session, "session")?);
            let session: RawSession = self.get(account, &session).await?;
            let Some(intent) = session.setup_intent_id() else {
                return Ok(session.into_session(None));
            };
            let intent = stripe_core::setup_intent::RetrieveSetupIntent::new(checked(&intent, "setup intent")?);
            let intent: RawSetupIntent = self.get(account, &intent).await?;
            let method = match intent.payment_method.as_ref().and_then(id_of) {
                Some(method) => Some(self.retrieve_payment_method(account, &method).await?),
                None => None,
            };
            Ok(session.into_session(method))
        })
    }

    fn retrieve_payment_method<'a>(
        &'a self,
        account: &'a str,
        payment_method: &'a str,
    ) -> GatewayFuture<'a, SavedMethod> {
        Box::pin(async move {
            let id = checked(payment_method, "payment method")?;
            let request = stripe_payment::payment_method::RetrievePaymentMethod::new(id);
            self.get::<RawMethod>(account, &request).await.map(SavedMethod::from)
        })
    }

    fn attach_payment_method<'a>(
        &'a self,
        account: &'a str,
        key: &'a str,
        payment_method: &'a str,
        customer: &'a str,
    ) -> GatewayFuture<'a, SavedMethod> {
        Box::pin(async move {
            let id = checked(payment_method, "payment method")?;
            let request = stripe_payment::payment_method::AttachPaymentMethod::new(id).customer(customer);
            let attached = self
                .post::<RawMethod>(account, key, &request)
                .await
                .map(SavedMethod::from);
            attached.map_err(|error| match declined(&error) {
                Some((decline, _)) => GatewayError::Declined {
                    action: "attach a payment method".into(),
                    decline,
                },
                None => error,
            })
        })
    }

    fn create_payment_intent<'a>(
        &'a self,
        account: &'a str,
        key: &'a str,
        charge: &'a ChargeCommand,
    ) -> GatewayFuture<'a, PaymentOutcome> {
        Box::pin(async move { self.pay(account, key, &request::charge(charge), None).await })
    }

    fn confirm_payment_intent<'a>(
        &'a self,
        account: &'a str,
        key: &'a str,
        confirm: &'a ConfirmCommand,
    ) -> GatewayFuture<'a, PaymentOutcome> {
        Box::pin(async move {
            let intent = checked(&confirm.intent, "payment intent")?;
            self.pay(account, key, &request::confirm(confirm), Some(intent)).await
        })
    }

    fn retrieve_payment_intent<'a>(&'a self, account: &'a str, intent: &'a str) -> GatewayFuture<'a, PaymentOutcome> {
        Box::pin(async move {
            let intent = checked(intent, "payment intent")?;
            let request = stripe_core::payment_intent::RetrievePaymentIntent::new(intent);
            self.get::<RawIntent>(account, &request).await.map(PaymentOutcome::from)
        })
    }

    fn cancel_payment_intent<'a>(
        &'a self,
        account: &'a str,
        key: &'a str,
        intent: &'a str,
    ) -> GatewayFuture<'a, PaymentOutcome> {
        Box::pin(async move {
            let intent = checked(intent, "payment intent")?;
            let request = stripe_core::payment_intent::CancelPaymentIntent::new(intent);
            self.post::<RawIntent>(account, key, &request)
                .await
                .map(PaymentOutcome::from)
        })
    }

    fn find_payment_intents<'a>(
        &'a self,
        account: &'a str,
        find: &'a FindIntents,
    ) -> GatewayFuture<'a, Vec<PaymentOutcome>> {
        Box::pin(listing::find_intents(self, account, find))
    }

    fn create_refund<'a>(&'a self, account: &'a str, key: &'a str, refund: &'a NewRefund) -> GatewayFuture<'a, Refund> {
        Box::pin(async move {
            self.post::<RawRefund>(account, key, &request::refund(refund))
                .await
                .map(Refund::from)
        })
    }

    fn retrieve_refund<'a>(&'a self, account: &'a str, refund: &'a str) -> GatewayFuture<'a, Refund> {
        Box::pin(async move {
            let request = stripe_core::refund::RetrieveRefund::new(checked(refund, "refund")?);
            self.get::<RawRefund>(account, &request).await.map(Refund::from)
        })
    }

    fn list_events<'a>(&'a self, account: &'a str, after: EventsAfter<'a>) -> GatewayFuture<'a, Vec<Event>> {
        Box::pin(listing::events(self, account, after))
    }
}
