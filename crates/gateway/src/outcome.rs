//! What became of a payment intent.

use std::collections::BTreeMap;

use crate::decline::Decline;

/// A payment intent as Stripe last described it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PaymentOutcome {
    /// `pi_...`
    pub intent_id: String,
    pub state: PaymentState,
    /// What the intent asks for, in minor units.
    pub amount_minor: i64,
    /// ISO 4217, lower case.
    pub currency: String,
    pub customer: Option<String>,
    /// As given at creation: `organization`, `invoice`, `attempt` of the first attempt.
    pub metadata: BTreeMap<String, String>,
    /// Seconds since 1970-01-01T00:00:00Z.
    pub created: i64,
}

/// Where the money stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PaymentState {
    /// Captured.
    Succeeded {
        charge_id: Option<String>,
        amount_received_minor: i64,
    },
    /// Under way for days (SEPA, ACH); may fail later. Never dun meanwhile.
    Processing,
    /// The payer must act; `redirect_url` is the page to send her to.
    RequiresAction { redirect_url: Option<String> },
    /// The last attempt was refused; the intent can be confirmed again.
    Failed { decline: Decline },
    /// Closed without money; another intent may be opened.
    Canceled,
    /// Nothing decided: not yet confirmed, or a status of the future. Read it again later, never count it as failed.
    Open { status: String },
}

impl PaymentState {
    /// True when nothing at Stripe can change this intent any more.
    pub fn is_final(&self) -> bool {
        matches!(self, Self::Succeeded { .. } | Self::Canceled)
    }
}
