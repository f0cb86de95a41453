//! What the business decides. Pure: time, ids and catalogue arrive as arguments; nothing here reads a clock,
//! draws a random number or touches a database.
//!
//! One folder per noun: `event.rs` says what can have happened, `decide.rs` what may happen next and why not.

pub mod add_on;
pub mod assignment;
pub mod billing;
pub mod blocker;
pub mod booking;
pub mod catalogue;
pub mod charge;
pub mod company;
pub mod coupon;
pub mod credit;
pub mod credit_note;
pub mod credit_pack;
pub mod deposit;
pub mod event;
pub mod floor;
pub mod ids;
pub mod invoice;
pub mod invoice_run;
pub mod ledger;
pub mod legal_entity;
pub mod local_time;
pub mod location;
pub mod member;
pub mod membership;
pub mod meter;
pub mod money;
pub mod occupancy;
pub mod organization;
pub mod pass;
pub mod payer;
pub mod payment;
pub mod period;
pub mod personal;
pub mod photo;
pub mod plan;
pub mod price_change;
pub mod refusal;
pub mod resource;
pub mod retention;
mod schema;
pub mod series;
pub mod simulation;
pub mod tax;
#[cfg(test)]
pub(crate) mod testing;
pub mod text;
pub mod usage;
pub mod vat_id;
pub mod visitor_booking;
pub mod waitlist;

pub use event::{DecodeError, DomainEvent};
pub use ids::*;
pub use money::{Currency, Money};
pub use payer::Payer;
pub use refusal::{FieldError, Refusal, RefusalKind};
