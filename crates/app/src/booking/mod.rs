//! Bookings: one winner per slot, priced when made, cancelled by policy.

mod book;
mod cancel;
mod day;
mod guard;
pub mod page;

pub use book::*;
pub use cancel::*;
