//! Reads Stripe's answers, leniently: unknown fields, enum values and expanded objects must never lose a payment.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::Value;

use crate::decline::RawDecline;
use crate::gateway::{Account, AccountLink, Refund};
use crate::outcome::{PaymentOutcome, PaymentState};
use crate::setup::{Card, HostedPage, PaymentSession, SavedMethod, SessionStatus, SetupSession};

/// The id in a reference that is either `"pi_1"` or an expanded `{"id": "pi_1", ...}`.
pub(crate) fn id_of(reference: &Value) -> Option<String> {
    match reference {
        Value::String(id) => Some(id.clone()),
        Value::Object(object) => object.get("id").and_then(Value::as_str).map(str::to_owned),
        _ => None,
    }
}

#[derive(Debug, Deserialize)]
pub(crate) struct RawIntent {
    pub id: String,
    #[serde(default)]
    status: String,
    amount: i64,
    #[serde(default)]
    amount_received: i64,
    currency: String,
    customer: Option<Value>,
    latest_charge: Option<Value>,
    last_payment_error: Option<RawDecline>,
    next_action: Option<RawNextAction>,
    #[serde(default)]
    metadata: BTreeMap<String, String>,
    #[serde(default)]
    created: i64,
}

#[derive(Debug, Deserialize)]
struct RawNextAction {
    redirect_to_url: Option<RawRedirect>,
}

#[derive(Debug, Deserialize)]
struct RawRedirect {
    url: Option<String>,
}

impl From<RawIntent> for PaymentOutcome {
    fn from(raw: RawIntent) -> Self {
        let state = match (raw.status.as_str(), raw.last_payment_error) {
            ("succeeded", _) => PaymentState::Succeeded {
                charge_id: raw.latest_charge.as_ref().and_then(id_of),
                amount_received_minor: raw.amount_received,
            },
            ("processing", _) => PaymentState::Processing,
            ("requires_action", _) => PaymentState::RequiresAction {
                redirect_url: raw
                    .next_action
                    .and_then(|action| action.redirect_to_url)
                    .and_then(|to| to.url),
            },
            ("canceled", _) => PaymentState::Canceled,
            ("requires_payment_method", Some(error)) => PaymentState::Failed { decline: error.into() },
            (status, _) => PaymentState::Open {
                status: status.to_owned(),
            },
        };
        Self {
            intent_id: raw.id,
            state,
            amount_minor: raw.amount,
            currency: raw.currency,
            customer: raw.customer.as_ref().and_then(id_of),
            metadata: raw.metadata,
            created: raw.created,
        }
    }
}

/// A list page; `T` is read leniently too.
#[derive(Debug, Deserialize)]
pub(crate) struct RawList<T> {
    pub data: Vec<T>,
    #[serde(default)]
    pub has_more: bool,
}

#[derive(Debug, Deserialize)]
pub(crate) struct RawId {
    pub id: String,
}

#[derive(Debug, Deserialize)]
pub(crate) struct RawMethod {
    id: String,
    #[serde(rename = "type", default)]
    kind: String,
    customer: Option<Value>,
    card: Option<RawCard>,
    sepa_debit: Option<RawLast4>,
    us_bank_account: Option<RawLast4>,
    bacs_debit: Option<RawLast4>,
}

#[derive(Debug, Deserialize)]
struct RawCard {
    #[serde(default)]
    brand: String,
    #[serde(default)]
    last4: String,
    #[serde(default)]
    exp_month: i64,
    #[serde(default)]
    exp_year: i64,
}

#[derive(Debug, Deserialize)]
struct RawLast4 {
    last4: Option<String>,
}

impl From<RawMethod> for SavedMethod {
    fn from(raw: RawMethod) -> Self {
        let account = raw.sepa_debit.or(raw.us_bank_account).or(raw.bacs_debit);
        let last4 = raw
            .card
            .as_ref()
            .map(|card| card.last4.clone())
            .or_else(|| account.and_then(|debit| debit.last4));
        Self {
            id: raw.id,
            customer: raw.customer.as_ref().and_then(id_of),
            kind: raw.kind,
            last4,
            card: raw.card.map(|card| Card {
                brand: card.brand,
                last4: card.last4,
                exp_month: card.exp_month,
                exp_year: card.exp_year,
            }),
        }
    }
}

#[derive(Debug, Deserialize)]
pub(crate) struct RawSession {
    id: String,
    status: Option<String>,
    url: Option<String>,
    customer: Option<Value>,
    setup_intent: Option<Value>,
    payment_status: Option<String>,
    payment_intent: Option<Value>,
    amount_total: Option<i64>,
    currency: Option<String>,
}

fn session_status(word: Option<&str>) -> SessionStatus {
    match word {
        Some("open") => SessionStatus::Open,
        Some("complete") => SessionStatus::Complete,
        Some("expired") => SessionStatus::Expired,
        other => SessionStatus::Other(other.unwrap_or_default().to_owned()),
    }
}

impl From<RawSession> for PaymentSession {
    fn from(raw: RawSession) -> Self {
        Self {
            id: raw.id,
            status: session_status(raw.status.as_deref()),
            paid: raw.payment_status.as_deref() == Some("paid"),
            payment_intent: raw.payment_intent.as_ref().and_then(id_of),
            amount_minor: raw.amount_total.unwrap_or_default(),
            currency: raw.currency.unwrap_or_default(),
        }
    }
}

impl RawSession {
    pub fn created(self) -> Option<HostedPage> {
        Some(HostedPage {
            id: self.id,
            url: self.url?,
        })
    }

    pub fn setup_intent_id(&self) -> Option<String> {
        self.setup_intent.as_ref().and_then(id_of)
    }

    pub fn into_session(self, method: Option<SavedMethod>) -> SetupSession {
        SetupSession {
            setup_intent: self.setup_intent_id(),
            id: self.id,
            status: session_status(self.status.as_deref()),
            customer: self.customer.as_ref().and_then(id_of),
            method,
        }
    }
}

#[derive(Debug, Deserialize)]
pub(crate) struct RawSetupIntent {
    pub payment_method: Option<Value>,
}

#[derive(Debug, Deserialize)]
pub(crate) struct RawRefund {
    id: String,
    payment_intent: Option<Value>,
    amount: i64,
    currency: String,
    #[serde(default)]
    status: Option<String>,
    failure_reason: Option<String>,
    #[serde(default)]
    metadata: Option<BTreeMap<String, String>>,
}

impl From<RawRefund> for Refund {
    fn from(raw: RawRefund) -> Self {
        Self {
            id: raw.id,
            intent: raw.payment_intent.as_ref().and_then(id_of),
            amount_minor: raw.amount,
            currency: raw.currency,
            status: raw.status.unwrap_or_default(),
            failure_reason: raw.failure_reason,
            metadata: raw.metadata.unwrap_or_default(),
        }
    }
}

#[derive(Debug, Deserialize)]
pub(crate) struct RawAccount {
    id: String,
    #[serde(default)]
    charges_enabled: bool,
    #[serde(default)]
    payouts_enabled: bool,
    #[serde(default)]
    details_submitted: bool,
    default_currency: Option<String>,
}

impl From<RawAccount> for Account {
    fn from(raw: RawAccount) -> Self {
        Self {
            id: raw.id,
            charges_enabled: raw.charges_enabled,
            payouts_enabled: raw.payouts_enabled,
            details_submitted: raw.details_submitted,
            default_currency: raw.default_currency,
        }
    }
}

#[derive(Debug, Deserialize)]
pub(crate) struct RawAccountLink {
    url: String,
    #[serde(default)]
    expires_at: i64,
}

impl From<RawAccountLink> for AccountLink {
    fn from(raw: RawAccountLink) -> Self {
        Self {
            url: raw.url,
            expires_at: raw.expires_at,
        }
    }
}

/// The body of a refused request. `payment_intent` comes with declined payments.
#[derive(Debug, Deserialize)]
pub(crate) struct RawErrorBody {
    pub error: RawError,
}

#[derive(Debug, Deserialize)]
pub(crate) struct RawError {
    #[serde(rename = "type", default)]
    pub kind: String,
    pub param: Option<String>,
    #[serde(flatten)]
    pub decline: RawDecline,
    pub payment_intent: Option<Value>,
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::RawIntent;
    use crate::decline::DeclineKind;
    use crate::outcome::{PaymentOutcome, PaymentState};

    fn given(change: serde_json::Value) -> PaymentOutcome {
        let mut intent = json!({
            "id": "pi_1", "object": "payment_intent", "status": "requires_payment_method", "amount": 38_080,
            "amount_received": 0, "currency": "eur", "customer": "cus_1", "metadata": {"invoice": "i1"},
            "created": 1, "a_field_of_the_future": {"x": [1]}
        });
        if let (Some(all), serde_json::Value::Object(new)) = (intent.as_object_mut(), change) {
            all.extend(new);
        }
        serde_json::from_value::<RawIntent>(intent)
            .expect("intent reads")
            .into()
    }

    #[test]
    fn given_a_status_then_the_state_follows() {
        let succeeded =
            given(json!({"status": "succeeded", "amount_received": 38_080, "latest_charge": {"id": "ch_1"}}));
        assert_eq!(
            succeeded.state,
            PaymentState::Succeeded {
                charge_id: Some("ch_1".into()),
                amount_received_minor: 38_080
            }
        );
        assert_eq!(given(json!({"status": "processing"})).state, PaymentState::Processing);
        assert_eq!(given(json!({"status": "canceled"})).state, PaymentState::Canceled);
        let action = json!({"status": "requires_action", "next_action": {"type": "redirect_to_url",
            "redirect_to_url": {"url": "https://x/", "return_url": null}}});
        assert_eq!(
            given(action).state,
            PaymentState::RequiresAction {
                redirect_url: Some("https://x/".into())
            }
        );
    }

    #[test]
    fn given_no_attempt_or_an_unknown_status_then_the_intent_is_open_and_never_failed() {
        assert_eq!(
            given(json!({})).state,
            PaymentState::Open {
                status: "requires_payment_method".into()
            }
        );
        assert_eq!(
            given(json!({"status": "dreaming"})).state,
            PaymentState::Open {
                status: "dreaming".into()
            }
        );
    }

    #[test]
    fn given_a_last_error_then_the_decline_code_survives() {
        let failed = given(
            json!({"last_payment_error": {"type": "card_error", "code": "card_declined",
            "decline_code": "insufficient_funds", "message": "No funds.", "payment_method": {"id": "pm_1", "new": 1}}}),
        );
        let PaymentState::Failed { decline } = failed.state else {
            panic!("{:?}", failed.state)
        };
        assert_eq!(decline.kind, DeclineKind::Soft);
        assert_eq!(decline.decline_code.as_deref(), Some("insufficient_funds"));
    }
}
