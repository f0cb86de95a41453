//! The cards and bank accounts there are, and what becomes of payments with them.

/// What happens when a payment method is charged.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Behaviour {
    Works,
    Refuses {
        code: &'static str,
        decline_code: Option<&'static str>,
        message: &'static str,
    },
    /// Works after 3-D Secure, every time.
    Authenticates,
    /// Under way for five days of the account's clock.
    Debits {
        fails: bool,
    },
    /// Cannot even be saved.
    CannotAttach,
}

#[derive(Debug, Clone, Copy)]
pub(crate) struct TestCard {
    /// Stripe's test id where it has one.
    pub id: &'static str,
    pub brand: &'static str,
    pub last4: &'static str,
    pub behaviour: Behaviour,
}

const fn card(id: &'static str, brand: &'static str, last4: &'static str, behaviour: Behaviour) -> TestCard {
    TestCard {
        id,
        brand,
        last4,
        behaviour,
    }
}

const fn refuses(code: &'static str, decline_code: &'static str, message: &'static str) -> Behaviour {
    Behaviour::Refuses {
        code,
        decline_code: Some(decline_code),
        message,
    }
}

pub(crate) const TEST_CARDS: &[TestCard] = &[
    card("pm_card_visa", "visa", "4242", Behaviour::Works),
    card("pm_card_mastercard", "mastercard", "4444", Behaviour::Works),
    card("pm_card_amex", "amex", "8431", Behaviour::Works),
    card(
        "pm_card_chargeDeclined",
        "visa",
        "0002",
        refuses("card_declined", "generic_decline", "Your card was declined."),
    ),
    card(
        "pm_card_chargeCustomerFail",
        "visa",
        "0341",
        refuses("card_declined", "generic_decline", "Your card was declined."),
    ),
    card(
        "pm_card_chargeDeclinedInsufficientFunds",
        "visa",
        "9995",
        refuses(
            "card_declined",
            "insufficient_funds",
            "Your card has insufficient funds.",
        ),
    ),
    card(
        "pm_card_chargeDeclinedExpiredCard",
        "visa",
        "0069",
        Behaviour::Refuses {
            code: "expired_card",
            decline_code: None,
            message: "Your card has expired.",
        },
    ),
    card(
        "pm_card_chargeDeclinedLostCard",
        "visa",
        "9987",
        refuses("card_declined", "lost_card", "Your card was declined."),
    ),
    card(
        "pm_card_chargeDeclinedStolenCard",
        "visa",
        "9979",
        refuses("card_declined", "stolen_card", "Your card was declined."),
    ),
    card(
        "pm_card_chargeDeclinedProcessingError",
        "visa",
        "0119",
        Behaviour::Refuses {
            code: "processing_error",
            decline_code: None,
            message: "An error occurred while processing your card. Try again in a little bit.",
        },
    ),
    card(
        "pm_card_authenticationRequired",
        "visa",
        "3184",
        Behaviour::Authenticates,
    ),
    card(
        "pm_card_threeDSecure2Required",
        "visa",
        "3220",
        Behaviour::Authenticates,
    ),
    card("pm_card_attachDeclined", "visa", "0101", Behaviour::CannotAttach),
    card("pm_sepaDebit", "", "3000", Behaviour::Debits { fails: false }),
    card("pm_sepaDebitFails", "", "3001", Behaviour::Debits { fails: true }),
];

/// The card of an id, or of a choice on the hosted page.
pub(crate) fn find(id: &str) -> Option<&'static TestCard> {
    TEST_CARDS.iter().find(|card| card.id == id)
}

impl TestCard {
    pub fn is_card(&self) -> bool {
        !matches!(self.behaviour, Behaviour::Debits { .. })
    }
}
