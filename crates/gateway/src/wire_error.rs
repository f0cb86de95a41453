//! Sorts failures into [`GatewayError`].

use crate::answer::{RawError, RawErrorBody};
use crate::decline::Decline;
use crate::error::GatewayError;

/// An answer with an error status. The body is kept whole: decline codes and intents are read out of it later.
pub(crate) fn refused(action: &str, status: u16, replayed: bool, body: &[u8]) -> GatewayError {
    let action = action.to_owned();
    let text = String::from_utf8_lossy(body).into_owned();
    let error = serde_json::from_slice::<RawErrorBody>(body).ok().map(|body| body.error);
    let message = error
        .as_ref()
        .and_then(|error| error.decline.message.clone())
        .unwrap_or_default();
    match (status, error) {
        (401 | 403, _) => GatewayError::Unauthorized {
            action,
            status,
            message,
        },
        (404, _) => GatewayError::NotFound { action, message },
        (400..500, Some(error)) if error.kind == "idempotency_error" => GatewayError::KeyReused { action, message },
        (400..500, Some(error)) => {
            let RawError { param, decline, .. } = error;
            GatewayError::Invalid {
                action,
                status,
                code: decline.code,
                param,
                message,
                body: text,
            }
        }
        // An error status whose body says nothing (a proxy, a cut answer) proves nothing either.
        (_, error) => {
            let detail = error.map_or_else(|| "no readable error".to_owned(), |error| error.kind);
            GatewayError::Unknown {
                action,
                status,
                replayed,
                detail,
                body: text,
            }
        }
    }
}

/// A call without an answer. `reached` tells whether any attempt of it may have arrived.
pub(crate) fn broken(action: &str, failure: &reqwest::Error, reached: bool) -> GatewayError {
    let mut detail = failure.to_string();
    let mut source = std::error::Error::source(failure);
    while let Some(cause) = source {
        detail = format!("{detail}: {cause}");
        source = cause.source();
    }
    let action = action.to_owned();
    if reached {
        GatewayError::Timeout { action, detail }
    } else {
        GatewayError::Network { action, detail }
    }
}

/// The decline inside a refusal with status 402, with the intent that Stripe sent along.
pub(crate) fn declined(error: &GatewayError) -> Option<(Decline, Option<serde_json::Value>)> {
    let GatewayError::Invalid { status: 402, body, .. } = error else {
        return None;
    };
    let error = serde_json::from_str::<RawErrorBody>(body).ok()?.error;
    Some((error.decline.into(), error.payment_intent))
}

#[cfg(test)]
mod tests {
    use super::{declined, refused};
    use crate::decline::DeclineKind;
    use crate::error::GatewayError;

    #[test]
    fn given_a_status_then_the_error_says_what_to_do() {
        let body = br#"{"error":{"type":"invalid_request_error","message":"No.","param":"amount","code":"x"}}"#;
        assert!(matches!(refused("a", 400, false, body), GatewayError::Invalid { .. }));
        assert!(matches!(
            refused("a", 401, false, body),
            GatewayError::Unauthorized { .. }
        ));
        assert!(matches!(refused("a", 404, false, body), GatewayError::NotFound { .. }));
        let reused = br#"{"error":{"type":"idempotency_error","message":"Other body."}}"#;
        assert!(matches!(
            refused("a", 400, false, reused),
            GatewayError::KeyReused { .. }
        ));
        let failed = refused("a", 500, true, b"oops");
        assert!(matches!(&failed, GatewayError::Unknown { replayed: true, body, .. } if body == "oops"));
        assert!(failed.outcome_unknown());
        assert!(refused("a", 402, false, b"{\"err").outcome_unknown());
    }

    #[test]
    fn given_an_unknown_bit_in_an_error_then_the_decline_code_survives() {
        let body = br#"{"error":{"type":"card_error_of_2027","code":"card_declined","decline_code":"lost_card",
            "message":"Lost.","nobody_knows":{"x":1},"payment_intent":{"id":"pi_1","status":"dreaming"}}}"#;
        let (decline, intent) = declined(&refused("a", 402, false, body)).expect("a decline");
        assert_eq!(
            (decline.kind, decline.decline_code.as_deref()),
            (DeclineKind::Hard, Some("lost_card"))
        );
        assert_eq!(intent.expect("an intent")["id"], "pi_1");
    }
}
