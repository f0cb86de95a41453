//! A stateful stand-in for Stripe, for sandboxes, the demo and the tests.
//!
//! It speaks API version 2026-09-30.endive, plus a field nobody knows on every object. Idempotency keys, connected
//! accounts, hosted pages, webhooks and declines behave as Stripe's do; faults can be queued and every account has a
//! clock of its own. It keeps no secrets and must never see a real card.
//!
//! Absent on purpose: billing, products, disputes, payouts, search (it answers like a list), `expand`.

// Objects with some fifty fields are written as one `json!`.
#![recursion_limit = "256"]

mod answer;
mod books;
mod config;
mod control;
mod core;
mod courier;
mod due;
mod faults;
mod form;
mod idempotency;
mod minor_units;
mod object;
mod pages;
mod recorded;
mod routes;
mod server;
mod sim;
mod store;
mod test_card;

pub use crate::config::{SimConfig, WallClock, WebhookEndpoint};
pub use crate::faults::{Fault, FaultKind, FaultMatch};
pub use crate::recorded::Recorded;
pub use crate::sim::{RunningSim, Sim, SimError};

/// The API version spoken, as Stripe writes it.
pub const API_VERSION: &str = "2026-09-30.endive";
