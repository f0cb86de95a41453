//! The one trait. Every call names the connected account it acts for (Stripe Connect, direct charges) and every call
//! that changes something names its own idempotency key.

use std::collections::BTreeMap;
use std::fmt::Debug;
use std::pin::Pin;

use crate::error::GatewayError;
use crate::event::{Event, EventsAfter};
use crate::outcome::PaymentOutcome;
use crate::setup::{HostedPage, PaymentSession, SavedMethod, SetupSession};

/// What every operation returns: a boxed future, so that the trait can be held as `Arc<dyn Gateway>`.
pub type GatewayFuture<'a, T> = Pin<Box<dyn Future<Output = Result<T, GatewayError>> + Send + 'a>>;

/// Moves money and keeps cards, somewhere else. Implemented once, over Stripe's API; tests and sandboxes point that
/// implementation at stripe-sim instead of replacing it.
///
/// `account` is the connected account (`acct_...`), `key` the idempotency key (1 to 255 characters). A call that ended
/// in doubt ([`GatewayError::outcome_unknown`]) may be repeated with the same key and the same arguments within 24 h.
pub trait Gateway: Debug + Send + Sync {
    /// Opens a connected account for a legal entity.
    fn create_account<'a>(&'a self, key: &'a str, account: &'a NewAccount) -> GatewayFuture<'a, Account>;

    /// Reads whether a connected account may charge.
    fn retrieve_account<'a>(&'a self, account: &'a str) -> GatewayFuture<'a, Account>;

    /// A single-use link to Stripe's onboarding pages.
    fn create_account_link<'a>(&'a self, key: &'a str, link: &'a NewAccountLink) -> GatewayFuture<'a, AccountLink>;

    /// Creates a customer and returns its id (`cus_...`).
    fn create_customer<'a>(
        &'a self,
        account: &'a str,
        key: &'a str,
        customer: &'a NewCustomer,
    ) -> GatewayFuture<'a, String>;

    /// Deletes a customer with whatever is saved of her, for good. One who is gone already is no error.
    fn delete_customer<'a>(&'a self, account: &'a str, customer: &'a str) -> GatewayFuture<'a, ()>;

    /// Opens a Checkout Session in `setup` mode: the hosted page on which a card is saved.
    fn create_setup_session<'a>(
        &'a self,
        account: &'a str,
        key: &'a str,
        session: &'a NewSetupSession,
    ) -> GatewayFuture<'a, HostedPage>;

    /// Reads a Checkout Session back, with the payment method it saved.
    fn retrieve_setup_session<'a>(&'a self, account: &'a str, session: &'a str) -> GatewayFuture<'a, SetupSession>;

    /// Opens a Checkout Session in `payment` mode: the hosted page on which somebody without an account pays once, by card.
    fn create_payment_session<'a>(
        &'a self,
        account: &'a str,
        key: &'a str,
        session: &'a NewPaymentSession,
    ) -> GatewayFuture<'a, HostedPage>;

    /// Reads such a session back: whether it was paid, and by which intent.
    fn retrieve_payment_session<'a>(&'a self, account: &'a str, session: &'a str) -> GatewayFuture<'a, PaymentSession>;

    /// Reads one payment method.
    fn retrieve_payment_method<'a>(
        &'a self,
        account: &'a str,
        payment_method: &'a str,
    ) -> GatewayFuture<'a, SavedMethod>;

    /// Attaches a payment method to a customer without a page: imports from another system, and demo seeding with
    /// Stripe's test ids (`pm_card_visa`). A refused card is [`GatewayError::Declined`].
    fn attach_payment_method<'a>(
        &'a self,
        account: &'a str,
        key: &'a str,
        payment_method: &'a str,
        customer: &'a str,
    ) -> GatewayFuture<'a, SavedMethod>;

    /// Creates the payment intent of an invoice balance and confirms it off-session in the same call. A decline is an
    /// outcome ([`crate::PaymentState::Failed`]), not an error.
    fn create_payment_intent<'a>(
        &'a self,
        account: &'a str,
        key: &'a str,
        charge: &'a ChargeCommand,
    ) -> GatewayFuture<'a, PaymentOutcome>;

    /// Confirms the same intent again: a retry, the pay page, 3-D Secure.
    fn confirm_payment_intent<'a>(
        &'a self,
        account: &'a str,
        key: &'a str,
        confirm: &'a ConfirmCommand,
    ) -> GatewayFuture<'a, PaymentOutcome>;

    /// Reads an intent as it stands.
    fn retrieve_payment_intent<'a>(&'a self, account: &'a str, intent: &'a str) -> GatewayFuture<'a, PaymentOutcome>;

    /// Cancels an intent. Stripe refuses (`Invalid`) once it succeeded; read it again then.
    fn cancel_payment_intent<'a>(
        &'a self,
        account: &'a str,
        key: &'a str,
        intent: &'a str,
    ) -> GatewayFuture<'a, PaymentOutcome>;

    /// Finds intents for an attempt whose outcome is unknown, by customer, time and metadata. Newest first. An empty
    /// answer is no proof that nothing was charged.
    fn find_payment_intents<'a>(
        &'a self,
        account: &'a str,
        find: &'a FindIntents,
    ) -> GatewayFuture<'a, Vec<PaymentOutcome>>;

    /// Gives money of an intent back.
    fn create_refund<'a>(&'a self, account: &'a str, key: &'a str, refund: &'a NewRefund) -> GatewayFuture<'a, Refund>;

    /// Reads a refund: it can fail after it succeeded.
    fn retrieve_refund<'a>(&'a self, account: &'a str, refund: &'a str) -> GatewayFuture<'a, Refund>;

    /// The account's events after a cursor, oldest first: the sweep. Stripe keeps events for 30 days.
    fn list_events<'a>(&'a self, account: &'a str, after: EventsAfter<'a>) -> GatewayFuture<'a, Vec<Event>>;
}

/// A connected account to open.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewAccount {
    /// ISO 3166-1 alpha-2, upper case.
    pub country: String,
    pub email: Option<String>,
    /// The name members see on hosted pages.
    pub business_name: String,
    pub metadata: BTreeMap<String, String>,
}

/// A connected account as it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Account {
    pub id: String,
    /// Charging is gated on this.
    pub charges_enabled: bool,
    pub payouts_enabled: bool,
    pub details_submitted: bool,
    /// ISO 4217, lower case, as Stripe writes it.
    pub default_currency: Option<String>,
}

/// Asks for an onboarding link.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewAccountLink {
    pub account: String,
    /// Where Stripe sends a person whose link was used up or expired.
    pub refresh_url: String,
    pub return_url: String,
}

/// A link that works once, until `expires_at`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccountLink {
    pub url: String,
    /// Seconds since 1970-01-01T00:00:00Z.
    pub expires_at: i64,
}

/// A payer to be known at the gateway.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewCustomer {
    pub email: String,
    pub name: String,
    pub metadata: BTreeMap<String, String>,
}

/// A hosted page on which a payer saves a card.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewSetupSession {
    pub customer: String,
    /// ISO 4217, either case.
    pub currency: String,
    /// `{CHECKOUT_SESSION_ID}` in it is replaced by the session's id.
    pub success_url: String,
    pub cancel_url: String,
    /// Kept on the session and on its setup intent.
    pub metadata: BTreeMap<String, String>,
}

/// A hosted page on which somebody pays once, by card, without an account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewPaymentSession {
    pub email: String,
    /// What is paid for, as the page says it.
    pub description: String,
    /// Minor units as Stripe counts them for `currency`; above zero.
    pub amount_minor: i64,
    /// ISO 4217, either case.
    pub currency: String,
    /// `{CHECKOUT_SESSION_ID}` in it is replaced by the session's id.
    pub success_url: String,
    pub cancel_url: String,
    /// Seconds since 1970-01-01T00:00:00Z; 30 minutes to 24 hours ahead. Nobody can pay after.
    pub expires_at: i64,
    /// Kept on the session and on its payment intent.
    pub metadata: BTreeMap<String, String>,
}

/// The first attempt to collect an invoice balance.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChargeCommand {
    /// Minor units as Stripe counts them for `currency`; above zero.
    pub amount_minor: i64,
    /// ISO 4217, either case.
    pub currency: String,
    pub customer: String,
    pub payment_method: String,
    /// `organization`, `invoice`, `attempt`.
    pub metadata: BTreeMap<String, String>,
}

/// A later attempt on the same intent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConfirmCommand {
    pub intent: String,
    /// Another payment method than the intent's last one.
    pub payment_method: Option<String>,
    /// True when nobody is there to pass 3-D Secure.
    pub off_session: bool,
    /// Where 3-D Secure sends the payer back; needed on-session.
    pub return_url: Option<String>,
}

/// Where to look for an intent whose answer was lost.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FindIntents {
    pub customer: String,
    /// Seconds since 1970-01-01T00:00:00Z, inclusive.
    pub created_from: i64,
    /// Seconds since 1970-01-01T00:00:00Z, inclusive.
    pub created_until: i64,
    /// All of these must be on the intent.
    pub metadata: BTreeMap<String, String>,
}

/// Money to give back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewRefund {
    pub intent: String,
    /// Minor units; `None` gives back all that is left.
    pub amount_minor: Option<i64>,
    pub metadata: BTreeMap<String, String>,
}

/// A refund as it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refund {
    pub id: String,
    pub intent: Option<String>,
    pub amount_minor: i64,
    /// ISO 4217, lower case.
    pub currency: String,
    /// `pending`, `requires_action`, `succeeded`, `failed`, `canceled`, or a word of the future.
    pub status: String,
    pub failure_reason: Option<String>,
    pub metadata: BTreeMap<String, String>,
}
