use super::{
    DeclineKind, PaymentActionRequired, PaymentAttempted, PaymentCanceled, PaymentEvent, PaymentFailed,
    PaymentProcessing, PaymentSettled, PaymentUnknown,
};
use crate::Money;

#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PaymentState {
    Submitted,
    Processing,
    ActionRequired,
    Unknown,
    Settled,
    Failed,
    Canceled,
}

impl PaymentState {
    pub fn name(self) -> &'static str {
        match self {
            Self::Submitted => "submitted",
            Self::Processing => "processing",
            Self::ActionRequired => "action_required",
            Self::Unknown => "unknown",
            Self::Settled => "settled",
            Self::Failed => "failed",
            Self::Canceled => "canceled",
        }
    }
    /// Whether another attempt must wait for this one.
    pub fn live(self) -> bool {
        matches!(self, Self::Submitted | Self::Processing | Self::Unknown)
    }
}

/// An attempt, folded from its stream.
#[derive(Debug, Clone, PartialEq)]
pub struct Payment {
    pub fact: PaymentAttempted,
    pub state: PaymentState,
    pub intent_id: Option<String>,
    pub redirect_url: Option<String>,
}

impl Payment {
    pub fn evolve(state: Option<Self>, event: PaymentEvent) -> Option<Self> {
        let next = |payment: Option<Self>, state, intent: Option<String>| {
            payment.map(|payment| Self {
                state,
                intent_id: intent.or(payment.intent_id.clone()),
                ..payment
            })
        };
        match event {
            PaymentEvent::PaymentAttempted(fact) => Some(Self {
                intent_id: fact.intent_id.clone(),
                fact,
                state: PaymentState::Submitted,
                redirect_url: None,
            }),
            PaymentEvent::PaymentProcessing(fact) => next(state, PaymentState::Processing, Some(fact.intent_id)),
            PaymentEvent::PaymentActionRequired(fact) => {
                next(state, PaymentState::ActionRequired, Some(fact.intent_id)).map(|payment| Self {
                    redirect_url: fact.redirect_url,
                    ..payment
                })
            }
            PaymentEvent::PaymentUnknown(_) => next(state, PaymentState::Unknown, None),
            PaymentEvent::PaymentSettled(fact) => next(state, PaymentState::Settled, Some(fact.intent_id)),
            PaymentEvent::PaymentFailed(fact) => next(state, PaymentState::Failed, fact.intent_id),
            PaymentEvent::PaymentCanceled(fact) => next(state, PaymentState::Canceled, fact.intent_id),
        }
    }
}

/// What the gateway says of an attempt, from its answer, a webhook or a sweep alike.
#[derive(Debug, Clone, PartialEq)]
pub enum GatewayOutcome {
    Succeeded {
        intent_id: String,
        received: Money,
    },
    Processing {
        intent_id: String,
    },
    ActionRequired {
        intent_id: String,
        redirect_url: Option<String>,
    },
    Failed {
        intent_id: Option<String>,
        code: String,
        decline_code: Option<String>,
        kind: DeclineKind,
        message: String,
    },
    Canceled {
        intent_id: Option<String>,
    },
    Unknown {
        reason: String,
    },
}

/// What an outcome adds to an attempt: nothing when it is known already or when a final state stands against it. Only a
/// success overrides a failure or a cancellation: money that moved is money that moved. An answer that says nothing never
/// displaces one that said something: a timeout after the webhook came changes nothing.
pub fn record(payment: &Payment, outcome: &GatewayOutcome) -> Option<PaymentEvent> {
    let id = payment.fact.payment_id;
    let state = payment.state;
    if state == PaymentState::Settled {
        return None;
    }
    let finished = matches!(state, PaymentState::Failed | PaymentState::Canceled);
    match outcome {
        GatewayOutcome::Succeeded { intent_id, received } => Some(
            PaymentSettled {
                payment_id: id,
                invoice_id: payment.fact.invoice_id,
                intent_id: intent_id.clone(),
                amount: *received,
            }
            .into(),
        ),
        _ if finished => None,
        GatewayOutcome::Processing { intent_id } => (state != PaymentState::Processing).then(|| {
            PaymentProcessing {
                payment_id: id,
                intent_id: intent_id.clone(),
            }
            .into()
        }),
        GatewayOutcome::ActionRequired {
            intent_id,
            redirect_url,
        } => (state != PaymentState::ActionRequired).then(|| {
            PaymentActionRequired {
                payment_id: id,
                intent_id: intent_id.clone(),
                redirect_url: redirect_url.clone(),
            }
            .into()
        }),
        GatewayOutcome::Failed {
            intent_id,
            code,
            decline_code,
            kind,
            message,
        } => Some(
            PaymentFailed {
                payment_id: id,
                invoice_id: payment.fact.invoice_id,
                intent_id: intent_id.clone().or(payment.intent_id.clone()),
                code: code.clone(),
                decline_code: decline_code.clone(),
                kind: *kind,
                message: message.clone(),
            }
            .into(),
        ),
        GatewayOutcome::Canceled { intent_id } => Some(
            PaymentCanceled {
                payment_id: id,
                intent_id: intent_id.clone(),
            }
            .into(),
        ),
        GatewayOutcome::Unknown { reason } => (state == PaymentState::Submitted).then(|| {
            PaymentUnknown {
                payment_id: id,
                reason: reason.clone(),
            }
            .into()
        }),
    }
}

/// Days after a soft decline at which the same intent is tried again; `None` when the schedule is used up. `attempt` is
/// the number of the attempt that just failed, 1 for the first.
pub fn retry_after_days(attempt: i32, kind: DeclineKind) -> Option<i64> {
    match (kind, attempt) {
        (DeclineKind::Soft, 1) => Some(3),
        (DeclineKind::Soft, 2) => Some(5),
        (DeclineKind::Soft, 3) => Some(7),
        _ => None,
    }
}
