//! The `Idempotency-Key` header of the API.

use axum::extract::{FromRequestParts, OptionalFromRequestParts};
use http::request::Parts;

use crate::failure::{Failure, FieldError};

/// The header's name, lower case.
const HEADER: &str = "idempotency-key";
/// Longer keys are refused; the same bound as Stripe's.
const MAX_LENGTH: usize = 255;

/// A client's own name for one attempt: 1 to 255 printable ASCII characters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IdempotencyKey(pub String);

fn parse(parts: &Parts) -> Option<Result<IdempotencyKey, Failure>> {
    let mut values = parts.headers.get_all(HEADER).iter();
    let value = values.next()?;
    let sane = values.next().is_none()
        && (1..=MAX_LENGTH).contains(&value.len())
        && value.as_bytes().iter().all(|byte| (0x20..0x7f).contains(byte));
    Some(match value.to_str() {
        Ok(text) if sane => Ok(IdempotencyKey(text.to_owned())),
        _ => Err(refuse(
            "Send one Idempotency-Key of 1 to 255 printable ASCII characters.",
        )),
    })
}

fn refuse(message: &str) -> Failure {
    Failure {
        fields: vec![FieldError::new("Idempotency-Key", message)],
        ..Failure::malformed(message)
    }
}

impl<S: Send + Sync> FromRequestParts<S> for IdempotencyKey {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Failure> {
        parse(parts).unwrap_or_else(|| Err(refuse("This needs an Idempotency-Key header.")))
    }
}

impl<S: Send + Sync> OptionalFromRequestParts<S> for IdempotencyKey {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Option<Self>, Failure> {
        parse(parts).transpose()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::Request;

    fn parsed(values: &[&str]) -> Option<Result<IdempotencyKey, Failure>> {
        let mut request = Request::new(());
        for value in values {
            request
                .headers_mut()
                .append(HEADER, http::HeaderValue::from_bytes(value.as_bytes()).unwrap());
        }
        parse(&request.into_parts().0)
    }

    #[test]
    fn keys_are_short_printable_and_single() {
        assert_eq!(parsed(&["a b-1"]), Some(Ok(IdempotencyKey("a b-1".into()))));
        assert_eq!(parsed(&[]), None);
        assert!(parsed(&[""]).unwrap().is_err());
        assert!(parsed(&["schlüssel"]).unwrap().is_err());
        assert!(parsed(&["a", "b"]).unwrap().is_err());
        assert!(parsed(&[&"x".repeat(255)]).unwrap().is_ok());
        assert!(parsed(&[&"x".repeat(256)]).unwrap().is_err());
    }
}
