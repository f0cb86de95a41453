//! Hosted pages: saving a card, and paying once.

/// A hosted page, ready to be linked to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HostedPage {
    /// `cs_...`
    pub id: String,
    /// Link or redirect by GET: Chrome applies our `form-action` to redirects after a form POST.
    pub url: String,
}

/// A hosted page as it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SetupSession {
    pub id: String,
    pub status: SessionStatus,
    pub customer: Option<String>,
    /// `seti_...`
    pub setup_intent: Option<String>,
    /// Present once the card was saved.
    pub method: Option<SavedMethod>,
}

/// A hosted page on which somebody pays, as it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PaymentSession {
    pub id: String,
    pub status: SessionStatus,
    /// The money is there.
    pub paid: bool,
    /// `pi_...`; none until somebody tried to pay.
    pub payment_intent: Option<String>,
    /// What the page asks for, in minor units.
    pub amount_minor: i64,
    /// ISO 4217, lower case.
    pub currency: String,
}

/// Whether the person finished.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SessionStatus {
    Open,
    Complete,
    Expired,
    /// A word of the future: neither open nor complete can be assumed.
    Other(String),
}

/// A payment method on file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SavedMethod {
    /// `pm_...`
    pub id: String,
    pub customer: Option<String>,
    /// `card`, `sepa_debit`, ...
    pub kind: String,
    /// Present for cards.
    pub card: Option<Card>,
    /// Last four digits of card or account, for any kind that has them.
    pub last4: Option<String>,
}

/// What may be shown of a card.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Card {
    /// Lower case: `visa`, `mastercard`.
    pub brand: String,
    pub last4: String,
    /// 1 to 12.
    pub exp_month: i64,
    /// Four digits.
    pub exp_year: i64,
}
