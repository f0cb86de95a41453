use crate::{InvoiceId, LegalEntityId, Money, Payer, PaymentId, event::domain_events};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

domain_events!(
    /// What happened to an attempt to collect an invoice.
    PaymentEvent, "payment", {
        PaymentAttempted = 1, PaymentProcessing = 1, PaymentActionRequired = 1, PaymentUnknown = 1,
        PaymentSettled = 1, PaymentFailed = 1, PaymentCanceled = 1,
    }
);

/// Written before anything leaves the house: whoever finds it without an outcome knows what was asked, under which key.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct PaymentAttempted {
    pub payment_id: PaymentId,
    pub invoice_id: InvoiceId,
    pub legal_entity_id: LegalEntityId,
    pub payer: Payer,
    pub amount: Money,
    /// The connected account, customer and saved payment method at the gateway.
    pub account_id: String,
    pub customer_id: String,
    pub payment_method_id: String,
    /// The intent of an earlier attempt that this one confirms again; none for the first.
    pub intent_id: Option<String>,
    /// 1 for the invoice's first attempt.
    pub attempt: i32,
    /// Whether the member is present at our page.
    pub on_session: bool,
    /// The exact request, replayed unchanged under the same key.
    pub request: serde_json::Value,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct PaymentProcessing {
    pub payment_id: PaymentId,
    pub intent_id: String,
}

/// The bank wants the member: 3-D Secure.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct PaymentActionRequired {
    pub payment_id: PaymentId,
    pub intent_id: String,
    pub redirect_url: Option<String>,
}

/// Nobody knows whether money moved. Never charged again by itself.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct PaymentUnknown {
    pub payment_id: PaymentId,
    pub reason: String,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct PaymentSettled {
    pub payment_id: PaymentId,
    pub invoice_id: InvoiceId,
    pub intent_id: String,
    pub amount: Money,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum DeclineKind {
    /// Worth another try later (insufficient funds).
    Soft,
    /// Needs another card.
    Hard,
    /// Needs the member at our page.
    AuthenticationRequired,
    Other,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct PaymentFailed {
    pub payment_id: PaymentId,
    pub invoice_id: InvoiceId,
    pub intent_id: Option<String>,
    pub code: String,
    pub decline_code: Option<String>,
    pub kind: DeclineKind,
    pub message: String,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct PaymentCanceled {
    pub payment_id: PaymentId,
    pub intent_id: Option<String>,
}
