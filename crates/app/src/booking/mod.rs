//! Bookings: one winner per slot, priced when made, cancelled by policy.

mod book;
mod cancel;
mod guard;

pub use book::*;
pub use cancel::*;
