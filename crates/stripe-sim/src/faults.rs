//! Faults waiting to happen: the list in payments.md, as far as it lies on Stripe's side.

use serde::{Deserialize, Serialize};

/// A fault and what it waits for. Faults are asked in the order they were queued.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fault {
    #[serde(rename = "match", default)]
    pub matching: FaultMatch,
    #[serde(flatten)]
    pub kind: FaultKind,
    /// How often it happens; 1 when left out.
    #[serde(default = "once")]
    pub times: u32,
}

fn once() -> u32 {
    1
}

/// What a fault waits for; what is left out matches all.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct FaultMatch {
    /// `POST` or `GET`
    pub method: Option<String>,
    /// `/v1/payment_intents`
    pub path_prefix: Option<String>,
    pub account: Option<String>,
    /// For webhook faults: `payment_intent.succeeded`, or a beginning of it.
    pub event_type: Option<String>,
}

/// What happens.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum FaultKind {
    /// Nothing is done and nothing answered.
    TimeoutBefore,
    /// The effect happens; no answer comes.
    TimeoutAfter,
    /// 500 without the effect; replayed for its key.
    #[serde(rename = "error_500_before")]
    ErrorBefore,
    /// 500 after the effect; replayed for its key.
    #[serde(rename = "error_500_after")]
    ErrorAfter,
    #[serde(rename = "conflict_409")]
    Conflict,
    #[serde(rename = "rate_limit_429")]
    RateLimit {
        /// Seconds, for the `Retry-After` header; no header when left out.
        #[serde(default)]
        retry_after: Option<u64>,
    },
    /// The effect happens; the answer is whole by its headers and cut in its body.
    TruncatedBody,
    /// The effect happens; the connection breaks in the middle of the answer.
    BrokenConnection,
    /// The effect waits, so that a second request finds the key in use.
    Slow { delay_ms: u64 },
    /// The answer waits until the webhooks of the request were delivered.
    WebhookBeforeResponse,
    /// The event is never sent; it stays in `/v1/events`.
    DropWebhook,
    /// The event is sent twice at once.
    DuplicateWebhook,
    /// The event is kept until `POST /_sim/release`, so it arrives late and out of order.
    DelayWebhook,
}

impl FaultKind {
    fn concerns_webhooks(&self) -> bool {
        matches!(self, Self::DropWebhook | Self::DuplicateWebhook | Self::DelayWebhook)
    }
}

/// The queue.
#[derive(Debug, Default)]
pub(crate) struct Faults(Vec<Fault>);

impl Faults {
    pub fn push(&mut self, fault: Fault) {
        self.0.push(fault);
    }

    pub fn clear(&mut self) {
        self.0.clear();
    }

    pub fn waiting(&self) -> &[Fault] {
        &self.0
    }

    /// The fault that hits this request, used up by one.
    pub fn for_request(&mut self, method: &str, path: &str, account: &str) -> Option<FaultKind> {
        self.take(|fault| {
            !fault.kind.concerns_webhooks()
                && fits(fault.matching.method.as_deref(), |wanted| {
                    wanted.eq_ignore_ascii_case(method)
                })
                && fits(fault.matching.path_prefix.as_deref(), |wanted| path.starts_with(wanted))
                && fits(fault.matching.account.as_deref(), |wanted| wanted == account)
        })
    }

    /// The fault that hits this event on its way out, used up by one.
    pub fn for_event(&mut self, event_type: &str, account: &str) -> Option<FaultKind> {
        self.take(|fault| {
            fault.kind.concerns_webhooks()
                && fits(fault.matching.event_type.as_deref(), |wanted| {
                    event_type.starts_with(wanted)
                })
                && fits(fault.matching.account.as_deref(), |wanted| wanted == account)
        })
    }

    fn take(&mut self, hits: impl Fn(&Fault) -> bool) -> Option<FaultKind> {
        let at = self.0.iter().position(|fault| fault.times > 0 && hits(fault))?;
        let kind = self.0[at].kind.clone();
        self.0[at].times -= 1;
        self.0.retain(|fault| fault.times > 0);
        Some(kind)
    }
}

fn fits(wanted: Option<&str>, test: impl Fn(&str) -> bool) -> bool {
    wanted.is_none_or(test)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{Fault, FaultKind, Faults};

    #[test]
    fn given_a_queue_then_each_fault_hits_its_own_and_is_used_up() {
        let mut faults = Faults::default();
        for fault in [
            json!({"match": {"method": "POST", "path_prefix": "/v1/payment_intents"}, "kind": "timeout_after"}),
            json!({"match": {"event_type": "payment_intent."}, "kind": "drop_webhook", "times": 2}),
            json!({"kind": "rate_limit_429", "retry_after": 1}),
        ] {
            faults.push(serde_json::from_value::<Fault>(fault).expect("a fault"));
        }
        assert_eq!(
            faults.for_request("POST", "/v1/payment_intents/pi_1/confirm", "a"),
            Some(FaultKind::TimeoutAfter)
        );
        let limited = Some(FaultKind::RateLimit { retry_after: Some(1) });
        assert_eq!(faults.for_request("POST", "/v1/payment_intents", "a"), limited);
        assert_eq!(faults.for_request("POST", "/v1/payment_intents", "a"), None);
        assert_eq!(faults.for_event("charge.succeeded", "a"), None);
        assert_eq!(
            faults.for_event("payment_intent.succeeded", "a"),
            Some(FaultKind::DropWebhook)
        );
        assert_eq!(faults.waiting().len(), 1);
    }
}
