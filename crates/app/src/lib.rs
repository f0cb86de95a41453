//! Use cases: each is one transaction that loads streams and guards, lets the domain decide, and appends. It cannot reach
//! Stripe or SMTP; whatever leaves the house is done by workers that follow the log.
//!
//! One file per use case, in the domain's nouns; read models live beside their noun (`project.rs`, `page.rs`).

pub mod access;
pub mod add_on;
pub mod alarm;
pub mod assignment;
pub mod billing;
pub mod blocker;
pub mod booking;
pub mod calendar_feed;
pub mod caller;
pub mod catalogue;
pub mod charge;
pub mod clock;
pub mod company;
pub mod config;
pub mod coupon;
mod credit;
pub mod credit_note;
pub mod deposit;
pub mod door;
pub mod error;
pub mod floor;
pub mod guard;
pub mod import;
pub mod installation;
pub mod invoice;
pub mod invoice_run;
pub mod ledger;
pub mod legal_entity;
pub mod location;
pub mod log;
pub mod member;
pub mod membership;
pub mod meter;
pub mod occupancy;
pub mod operation;
pub mod organization;
pub mod page;
mod parts;
pub mod pass;
pub mod payment;
pub mod photo;
mod picture;
pub mod plan;
pub mod projections;
mod read;
pub mod resource;
pub mod retention;
mod seal;
pub mod secret;
pub mod session;
pub mod tax;
pub mod test_clock;
pub mod today;
pub mod trouble;
pub mod usage;
pub mod visitor_booking;
pub mod waitlist;
pub mod webhook;

pub use caller::{Actor, Caller, Idempotency};
pub use config::{App, AppConfig};
pub use error::UseCaseError;
pub use operation::{Done, Operation, Outcome, Start};
pub use picture::Picture;
