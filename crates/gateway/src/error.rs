//! What can go wrong on the way, told apart by what the caller must do (the table in payments.md).

use std::time::Duration;

use crate::decline::Decline;

/// A call that did not end in an answer about the object. A declined payment is not one of these.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum GatewayError {
    /// The answer was lost after the request went out. Send the same key and identical body again, within 24 h.
    #[error("{action}: no answer came ({detail})")]
    Timeout { action: String, detail: String },
    /// Stripe failed (5xx) or answered something unreadable. With the same key Stripe replays a stored 500 for ever:
    /// look the object up instead. A miss is no proof; a human decides.
    #[error("{action}: Stripe answered {status}, outcome unknown ({detail})")]
    Unknown {
        action: String,
        status: u16,
        replayed: bool,
        detail: String,
        body: String,
    },
    /// 409 or 429 outlasted our retries. Nothing happened; same key again, no sooner than `retry_after`.
    #[error("{action}: Stripe asks to come back later ({status})")]
    RateLimited {
        action: String,
        status: u16,
        retry_after: Option<Duration>,
    },
    /// No connection could be made: nothing reached Stripe. Same key again.
    #[error("{action}: Stripe could not be reached ({detail})")]
    Network { action: String, detail: String },
    /// The request was wrong (400 and kin). Alert staff; never dun for it. `body` is the raw answer.
    #[error("{action}: Stripe refused the request: {message} (code {code:?}, parameter {param:?})")]
    Invalid {
        action: String,
        status: u16,
        code: Option<String>,
        param: Option<String>,
        message: String,
        body: String,
    },
    /// The key was used with another body. A defect of ours; alert staff.
    #[error("{action}: the idempotency key was used with another body: {message}")]
    KeyReused { action: String, message: String },
    /// The object does not exist in this account.
    #[error("{action}: not found in this account: {message}")]
    NotFound { action: String, message: String },
    /// The platform key is wrong, or the account does not (any longer) let us act for it: stop charging it.
    #[error("{action}: not allowed to act for this account: {message}")]
    Unauthorized {
        action: String,
        status: u16,
        message: String,
    },
    /// Attaching a card was refused. Payments report this as an outcome instead.
    #[error("{action}: the card was refused: {}", decline.message)]
    Declined { action: String, decline: Decline },
}

impl GatewayError {
    /// True when money may have moved although no answer says so.
    pub fn outcome_unknown(&self) -> bool {
        matches!(self, Self::Timeout { .. } | Self::Unknown { .. })
    }

    /// True when the same call with the same key can still bring a clear answer.
    pub fn may_repeat(&self) -> bool {
        matches!(
            self,
            Self::Timeout { .. } | Self::RateLimited { .. } | Self::Network { .. }
        )
    }
}
