//! Between transaction 1 and transaction 2: what the gateway is asked, and what its answer means (payments.md).

use coterie_domain::{
    Money,
    payment::{DeclineKind, GatewayOutcome, PaymentAttempted},
};
use coterie_gateway::{ChargeCommand, ConfirmCommand, Gateway, GatewayError, PaymentOutcome, PaymentState};
use std::collections::BTreeMap;

/// Sends an attempt exactly as it was written down, under its own id as idempotency key.
pub(super) async fn submit(
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

/// An intent's state as the domain says it. `None`: nothing has been decided yet.
pub(super) fn outcome(found: &PaymentOutcome, attempt: Option<&PaymentAttempted>) -> Option<GatewayOutcome> {
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
                coterie_gateway::DeclineKind::Soft => DeclineKind::Soft,
                coterie_gateway::DeclineKind::Hard => DeclineKind::Hard,
                coterie_gateway::DeclineKind::AuthenticationRequired => DeclineKind::AuthenticationRequired,
                coterie_gateway::DeclineKind::Other => DeclineKind::Other,
            },
            message: decline.message.clone(),
        }),
        PaymentState::Canceled => Some(GatewayOutcome::Canceled {
            intent_id: Some(intent_id),
        }),
        PaymentState::Open { .. } => None,
    }
}

/// What an error means: ask again with the same key (`None`), or an outcome to record.
pub(super) fn error_outcome(error: &GatewayError, last_attempt: bool) -> Option<GatewayOutcome> {
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
