//! Stripe's wire: what Coterie asks of a payment gateway, and how Stripe answers.
//!
//! [`Gateway`] is the one trait; [`StripeGateway`] speaks to Stripe (or to stripe-sim) over HTTP; [`webhook`] tells a
//! genuine webhook from a forged one; [`domain_outcome`] says both in the domain's words. Nothing here touches a database or
//! reads a clock: the caller decides what an outcome means for an invoice (payments.md).

mod answer;
mod decline;
pub mod domain_outcome;
mod error;
mod event;
mod exchange;
mod gateway;
mod listing;
mod outcome;
mod request;
mod setup;
mod stripe;
pub mod webhook;
mod wire;
mod wire_error;

pub use crate::decline::{Decline, DeclineKind};
pub use crate::error::GatewayError;
pub use crate::event::{Event, EventObject, EventsAfter};
pub use crate::gateway::{
    Account, AccountLink, ChargeCommand, ConfirmCommand, FindIntents, Gateway, GatewayFuture, NewAccount,
    NewAccountLink, NewCustomer, NewPaymentSession, NewRefund, NewSetupSession, Refund,
};
pub use crate::outcome::{PaymentOutcome, PaymentState};
pub use crate::setup::{Card, HostedPage, PaymentSession, SavedMethod, SessionStatus, SetupSession};
pub use crate::stripe::StripeGateway;
pub use crate::wire::StripeConfig;
