//! Stripe's objects, one file each: how they are made and what can be done to them.

pub(crate) mod account;
pub(crate) mod charge;
pub(crate) mod checkout;
pub(crate) mod customer;
pub(crate) mod event;
pub(crate) mod intent;
pub(crate) mod intent_attempt;
pub(crate) mod list;
pub(crate) mod payment_method;
pub(crate) mod refund;
pub(crate) mod setup_intent;
pub(crate) mod webhook_endpoint;
