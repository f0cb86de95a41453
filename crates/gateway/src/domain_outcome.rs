//! Between transaction 1 and transaction 2: what the gateway is asked, and what its answer means in the domain's words
//! (payments.md). The worker and the pay page share it, so that one answer never means two things.

use std::collections::BTreeMap;

use coterie_domain::{
    LegalEntityId, Money, Payer,
    member::PaymentMethodSaved,
    payment::{DeclineKind, GatewayOutcome, PaymentAttempted},
    visitor_booking::PageOutcome,
};

use serde_json::Value;

use crate::error::GatewayError;
use crate::gateway::{ChargeCommand, ConfirmCommand, Gateway};
use crate::outcome::{PaymentOutcome, PaymentState};
use crate::setup::{PaymentSession, SavedMethod, SessionStatus};

/// Sends an attempt exactly as it was written down, under its own id as idempotency key. `return_url` is where 3-D Secure
/// leads back to; it goes along only when the member is present.
///
/// # Errors
/// Whatever came instead of an answer; [`error_outcome`] says what to do about it.
pub async fn submit(
    gateway: &dyn Gateway,
    attempt: &PaymentAttempted,
    organization: &str,
    return_url: Option<String>,
) -> Result<PaymentOutcome, GatewayError> {
    let key = attempt.payment_id.to_string();
    if let Some(intent) = &attempt.intent_id {
        let confirm = ConfirmCommand {
            intent: intent.clone(),
            payment_method: Some(attempt.payment_method_id.clone()),
            off_session: !attempt.on_session,
            return_url: return_url.filter(|_| attempt.on_session),
        };
        return gateway
            .confirm_payment_intent(&attempt.account_id, &key, &confirm)
            .await;
    }
    if let Some(old) = attempt.request.get("replaces").and_then(Value::as_str)
        && let Some(late) = cancel_first(gateway, attempt, old).await?
    {
        return Ok(late);
    }
    let command = ChargeCommand {
        amount_minor: attempt.amount.minor,
        currency: attempt.amount.currency.code().to_lowercase(),
        customer: attempt.customer_id.clone(),
        payment_method: attempt.payment_method_id.clone(),
        metadata: BTreeMap::from([
            ("organization".to_owned(), organization.to_owned()),
            ("invoice".to_owned(), attempt.invoice_id.to_string()),
            ("attempt".to_owned(), key.clone()),
        ]),
    };
    gateway.create_payment_intent(&attempt.account_id, &key, &command).await
}

/// Cancels the intent of another amount before one for this amount is opened. One that succeeded meanwhile cannot be cancelled:
/// then that is what became of the debt, and nothing is charged.
async fn cancel_first(
    gateway: &dyn Gateway,
    attempt: &PaymentAttempted,
    intent: &str,
) -> Result<Option<PaymentOutcome>, GatewayError> {
    let key = format!("{}:cancel", attempt.payment_id);
    let Err(refused) = gateway.cancel_payment_intent(&attempt.account_id, &key, intent).await else {
        return Ok(None);
    };
    let found = gateway.retrieve_payment_intent(&attempt.account_id, intent).await?;
    match found.state {
        PaymentState::Canceled => Ok(None),
        PaymentState::Succeeded { .. } | PaymentState::Processing => Ok(Some(found)),
        _ => Err(refused),
    }
}

/// An intent's state as the domain says it. `None`: nothing has been decided yet.
pub fn outcome(found: &PaymentOutcome, attempt: Option<&PaymentAttempted>) -> Option<GatewayOutcome> {
    let intent_id = found.intent_id.clone();
    match &found.state {
        PaymentState::Succeeded {
            amount_received_minor, ..
        } => {
            let currency = attempt
                .map(|attempt| attempt.amount.currency)
                .or_else(|| found.currency.to_uppercase().parse().ok())?;
            Some(GatewayOutcome::Succeeded {
                intent_id,
                received: Money::new(*amount_received_minor, currency),
            })
        }
        PaymentState::Processing => Some(GatewayOutcome::Processing { intent_id }),
        PaymentState::RequiresAction { redirect_url } => Some(GatewayOutcome::ActionRequired {
            intent_id,
            redirect_url: redirect_url.clone(),
        }),
        PaymentState::Failed { decline } => Some(GatewayOutcome::Failed {
            intent_id: Some(intent_id),
            code: decline.code.clone(),
            decline_code: decline.decline_code.clone(),
            kind: match decline.kind {
                crate::DeclineKind::Soft => DeclineKind::Soft,
                crate::DeclineKind::Hard => DeclineKind::Hard,
                crate::DeclineKind::AuthenticationRequired => DeclineKind::AuthenticationRequired,
                crate::DeclineKind::Other => DeclineKind::Other,
            },
            message: decline.message.clone(),
        }),
        PaymentState::Canceled => Some(GatewayOutcome::Canceled {
            intent_id: Some(intent_id),
        }),
        PaymentState::Open { .. } => None,
    }
}

/// A page on which somebody pays once, as the domain says it. `None`: she may still pay, or the money is on its way.
pub fn page_outcome(found: &PaymentSession) -> Option<PageOutcome> {
    match found.status {
        SessionStatus::Complete if found.paid => Some(PageOutcome::Paid {
            intent_id: found.payment_intent.clone()?,
            amount: Money::new(found.amount_minor, found.currency.to_uppercase().parse().ok()?),
        }),
        SessionStatus::Expired => Some(PageOutcome::Closed),
        _ => None,
    }
}

/// What an error means: ask again with the same key (`None`), or an outcome to record. On the last attempt nobody will ask
/// again, so it is an outcome in any case.
pub fn error_outcome(error: &GatewayError, last_attempt: bool) -> Option<GatewayOutcome> {
    match error {
        GatewayError::Timeout { .. } | GatewayError::RateLimited { .. } | GatewayError::Network { .. }
            if !last_attempt =>
        {
            None
        }
        GatewayError::Timeout { .. }
        | GatewayError::RateLimited { .. }
        | GatewayError::Network { .. }
        | GatewayError::Unknown { .. }
        | GatewayError::KeyReused { .. } => Some(GatewayOutcome::Unknown {
            reason: error.to_string(),
        }),
        GatewayError::Declined { decline, .. } => Some(GatewayOutcome::Failed {
            intent_id: None,
            code: decline.code.clone(),
            decline_code: decline.decline_code.clone(),
            kind: DeclineKind::Hard,
            message: decline.message.clone(),
        }),
        // A request that Stripe will never take: somebody has to look, and nobody is dunned for it.
        GatewayError::Invalid { .. } | GatewayError::NotFound { .. } | GatewayError::Unauthorized { .. } => {
            Some(GatewayOutcome::Failed {
                intent_id: None,
                code: "gateway_refused".to_owned(),
                decline_code: None,
                kind: DeclineKind::Other,
                message: error.to_string(),
            })
        }
    }
}

/// A payment method that was saved on the hosted page, as the payer's account remembers it.
pub fn saved_method(payer: Payer, legal_entity_id: LegalEntityId, method: &SavedMethod) -> PaymentMethodSaved {
    let card = method.card.as_ref();
    PaymentMethodSaved {
        payer,
        legal_entity_id,
        payment_method_id: method.id.clone(),
        brand: card.map_or_else(|| method.kind.clone(), |card| card.brand.clone()),
        last4: card
            .map(|card| card.last4.clone())
            .or_else(|| method.last4.clone())
            .unwrap_or_default(),
        expires: card.map_or_else(String::new, |card| format!("{:02}/{}", card.exp_month, card.exp_year)),
    }
}

#[cfg(test)]
mod tests {
    use super::{error_outcome, page_outcome, saved_method};
    use crate::{Card, GatewayError, PaymentSession, SavedMethod, SessionStatus};
    use coterie_domain::{LegalEntityId, Money, Payer, payment::GatewayOutcome, visitor_booking::PageOutcome};

    fn timeout() -> GatewayError {
        GatewayError::Timeout {
            action: "confirm an intent".into(),
            detail: "30 s".into(),
        }
    }

    #[test]
    fn a_lost_answer_is_asked_for_again_until_nobody_will() {
        assert_eq!(error_outcome(&timeout(), false), None);
        assert!(matches!(
            error_outcome(&timeout(), true),
            Some(GatewayOutcome::Unknown { .. })
        ));
    }

    #[test]
    fn a_page_is_paid_when_the_money_is_there_and_closed_when_nobody_can_pay() {
        let page = |status, paid| PaymentSession {
            id: "cs_1".into(),
            status,
            paid,
            payment_intent: Some("pi_1".into()),
            amount_minor: 4_760,
            currency: "eur".into(),
        };
        let eur = Money::new(4_760, "EUR".parse().unwrap());
        let paid = PageOutcome::Paid {
            intent_id: "pi_1".into(),
            amount: eur,
        };
        assert_eq!(page_outcome(&page(SessionStatus::Complete, true)), Some(paid));
        assert_eq!(
            page_outcome(&page(SessionStatus::Expired, false)),
            Some(PageOutcome::Closed)
        );
        // Complete is not paid, and a word of the future is neither.
        assert_eq!(page_outcome(&page(SessionStatus::Complete, false)), None);
        assert_eq!(page_outcome(&page(SessionStatus::Open, false)), None);
        assert_eq!(page_outcome(&page(SessionStatus::Other("dreaming".into()), true)), None);
    }

    #[test]
    fn a_card_and_a_bank_account_are_remembered_by_what_may_be_shown() {
        let (payer, entity) = (Payer::Member(id()), id::<LegalEntityId>());
        let card = SavedMethod {
            id: "pm_1".into(),
            customer: Some("cus_1".into()),
            kind: "card".into(),
            card: Some(Card {
                brand: "visa".into(),
                last4: "4242".into(),
                exp_month: 3,
                exp_year: 2030,
            }),
            last4: Some("4242".into()),
        };
        let saved = saved_method(payer, entity, &card);
        assert_eq!(
            (saved.brand.as_str(), saved.last4.as_str(), saved.expires.as_str()),
            ("visa", "4242", "03/2030")
        );
        let debit = SavedMethod {
            kind: "sepa_debit".into(),
            card: None,
            last4: Some("3000".into()),
            ..card
        };
        let saved = saved_method(payer, entity, &debit);
        assert_eq!(
            (saved.brand.as_str(), saved.last4.as_str(), saved.expires.as_str()),
            ("sepa_debit", "3000", "")
        );
    }

    fn id<T: std::str::FromStr>() -> T
    where
        T::Err: std::fmt::Debug,
    {
        "0198c0de-0000-7000-8000-000000000001".parse().unwrap()
    }
}
