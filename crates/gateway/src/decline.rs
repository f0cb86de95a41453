//! Why a payment was refused, and whether trying again can help (Stripe: "Decline codes", "Advice codes").

use serde::Deserialize;

/// A refusal by the issuer or by Stripe.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decline {
    /// Stripe's error code, `card_declined` for most; empty when Stripe gave none.
    pub code: String,
    /// The issuer's reason, such as `insufficient_funds`.
    #[expect(clippy::struct_field_names, reason = "Stripe's word, beside its other word `code`")]
    pub decline_code: Option<String>,
    pub kind: DeclineKind,
    /// Stripe's sentence; may be shown to the payer.
    pub message: String,
}

/// What the refusal calls for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DeclineKind {
    /// Try the same card again by the dunning schedule.
    Soft,
    /// This card will not work: ask for another one, never retry blindly.
    Hard,
    /// The payer must pass 3-D Secure on our page, on the same intent.
    AuthenticationRequired,
    /// Nothing known about it; treat like soft, but show it to staff.
    Other,
}

/// The part of Stripe's error that says why. The same shape stands in an error body and in `last_payment_error`.
#[derive(Debug, Clone, Default, Deserialize)]
pub(crate) struct RawDecline {
    pub code: Option<String>,
    pub decline_code: Option<String>,
    pub advice_code: Option<String>,
    pub message: Option<String>,
}

impl From<RawDecline> for Decline {
    fn from(raw: RawDecline) -> Self {
        let kind = kind_of(
            raw.code.as_deref(),
            raw.decline_code.as_deref(),
            raw.advice_code.as_deref(),
        );
        Self {
            code: raw.code.unwrap_or_default(),
            decline_code: raw.decline_code,
            kind,
            message: raw.message.unwrap_or_default(),
        }
    }
}

fn kind_of(code: Option<&str>, decline_code: Option<&str>, advice: Option<&str>) -> DeclineKind {
    const AUTHENTICATION: [&str; 3] = [
        "authentication_required",
        "payment_intent_authentication_failure",
        "authentication_not_handled",
    ];
    let words = [decline_code, code];
    if words.iter().flatten().any(|word| AUTHENTICATION.contains(word)) {
        return DeclineKind::AuthenticationRequired;
    }
    // The network's advice is newer and more exact than the word, so it is asked first.
    match advice {
        Some("do_not_try_again" | "confirm_card_data") => return DeclineKind::Hard,
        Some("try_again_later") => return DeclineKind::Soft,
        _ => {}
    }
    for word in words.into_iter().flatten() {
        match word {
            "insufficient_funds"
            | "processing_error"
            | "try_again_later"
            | "reenter_transaction"
            | "issuer_not_available"
            | "approve_with_id"
            | "card_velocity_exceeded"
            | "withdrawal_count_limit_exceeded"
            | "do_not_honor"
            | "generic_decline"
            | "no_action_taken" => return DeclineKind::Soft,
            "expired_card"
            | "lost_card"
            | "stolen_card"
            | "pickup_card"
            | "restricted_card"
            | "fraudulent"
            | "merchant_blacklist"
            | "invalid_account"
            | "invalid_number"
            | "incorrect_number"
            | "invalid_expiry_month"
            | "invalid_expiry_year"
            | "incorrect_cvc"
            | "invalid_cvc"
            | "card_not_supported"
            | "currency_not_supported"
            | "new_account_information_available"
            | "not_permitted"
            | "transaction_not_allowed"
            | "service_not_allowed"
            | "security_violation"
            | "stop_payment_order"
            | "revocation_of_authorization"
            | "revocation_of_all_authorizations"
            | "bank_account_restricted"
            | "account_closed"
            | "no_account"
            | "debit_not_authorized" => return DeclineKind::Hard,
            _ => {}
        }
    }
    DeclineKind::Other
}

#[cfg(test)]
mod tests {
    use super::{Decline, DeclineKind, RawDecline};

    fn given(code: &str, decline_code: &str, advice: &str) -> DeclineKind {
        let some = |word: &str| (!word.is_empty()).then(|| word.to_owned());
        Decline::from(RawDecline {
            code: some(code),
            decline_code: some(decline_code),
            advice_code: some(advice),
            message: None,
        })
        .kind
    }

    #[test]
    fn given_a_reason_then_the_kind_says_what_to_do() {
        assert_eq!(given("card_declined", "insufficient_funds", ""), DeclineKind::Soft);
        assert_eq!(given("processing_error", "", ""), DeclineKind::Soft);
        assert_eq!(given("expired_card", "", ""), DeclineKind::Hard);
        assert_eq!(given("card_declined", "lost_card", ""), DeclineKind::Hard);
        assert_eq!(
            given("authentication_required", "authentication_required", ""),
            DeclineKind::AuthenticationRequired
        );
        assert_eq!(
            given("payment_intent_authentication_failure", "", ""),
            DeclineKind::AuthenticationRequired
        );
        assert_eq!(given("card_declined", "a_word_of_the_future", ""), DeclineKind::Other);
    }

    #[test]
    fn given_the_networks_advice_then_it_wins_over_the_word() {
        assert_eq!(
            given("card_declined", "generic_decline", "do_not_try_again"),
            DeclineKind::Hard
        );
        assert_eq!(
            given("card_declined", "lost_card", "try_again_later"),
            DeclineKind::Soft
        );
    }
}
