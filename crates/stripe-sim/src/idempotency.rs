//! Idempotency keys as Stripe keeps them: per account, for 24 hours, errors of the server included.

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::answer::ApiError;
use crate::books::Books;

/// Stripe forgets keys after 24 hours.
const KEPT_SECONDS: i64 = 24 * 60 * 60;

/// An answer given once, to be given again.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Remembered {
    fingerprint: String,
    pub status: u16,
    pub body: String,
    at: i64,
}

/// What makes two requests the same: method, path and every field, in any order.
pub(crate) fn fingerprint(method: &str, path: &str, canonical_form: &str) -> String {
    hex::encode(Sha256::digest(format!("{method}\n{path}\n{canonical_form}")))
}

pub(crate) fn scoped(account: &str, key: &str) -> String {
    format!("{account}/{key}")
}

/// The remembered answer, or a refusal when the key came with another body.
pub(crate) fn recall(
    books: &mut Books,
    scoped_key: &str,
    fingerprint: &str,
    now: i64,
) -> Result<Option<Remembered>, Box<ApiError>> {
    let Some(known) = books.keys.get(scoped_key) else {
        return Ok(None);
    };
    if now.saturating_sub(known.at) >= KEPT_SECONDS {
        books.keys.remove(scoped_key);
        return Ok(None);
    }
    if known.fingerprint == fingerprint {
        return Ok(Some(known.clone()));
    }
    let message = "Keys for idempotent requests can only be used with the same parameters they were first used with.";
    Err(ApiError::with_status(400, "idempotency_error", "", message))
}

/// Remembers what an endpoint answered once it had begun to act. Refused parameters are not kept: the same key may be
/// tried again with better ones.
pub(crate) fn remember(books: &mut Books, scoped_key: String, fingerprint: String, status: u16, body: &str, now: i64) {
    if matches!(status, 200..=299 | 402 | 500..=599) {
        books.keys.insert(
            scoped_key,
            Remembered {
                fingerprint,
                status,
                body: body.to_owned(),
                at: now,
            },
        );
    }
}

/// The answer to a key that another request is using at this moment.
pub(crate) fn in_use() -> Box<ApiError> {
    let message = "There is currently another in-progress request using this Idempotent Key. Please try again later.";
    ApiError::with_status(409, "idempotency_error", "idempotency_key_in_use", message)
}

#[cfg(test)]
mod tests {
    use super::{fingerprint, recall, remember, scoped};
    use crate::books::Books;

    #[test]
    fn given_a_key_then_it_replays_refuses_and_expires() {
        let (mut books, key) = (Books::new(), scoped("acct_1", "k"));
        let (same, other) = (fingerprint("POST", "/v1/x", "a=1"), fingerprint("POST", "/v1/x", "a=2"));
        remember(&mut books, key.clone(), same.clone(), 500, "oops", 0);
        assert_eq!(
            recall(&mut books, &key, &same, 1).expect("ok").expect("known").status,
            500
        );
        assert_eq!(
            recall(&mut books, &key, &other, 1).expect_err("other body").kind,
            "idempotency_error"
        );
        assert!(
            recall(&mut books, &scoped("acct_2", "k"), &other, 1)
                .expect("ok")
                .is_none()
        );
        assert!(recall(&mut books, &key, &other, 86_400).expect("ok").is_none());
    }

    #[test]
    fn given_refused_parameters_then_the_key_stays_free() {
        let mut books = Books::new();
        remember(&mut books, "a/k".into(), "f".into(), 400, "{}", 0);
        assert!(recall(&mut books, "a/k", "g", 1).expect("ok").is_none());
    }
}
