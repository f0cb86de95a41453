//! Bookings that come again by a rule (RFC 5545, RRULE). Each is a booking of its own; the series says which belong together.

mod decide;
mod event;
mod rule;
#[cfg(test)]
mod tests;

pub use decide::*;
pub use event::*;
pub use rule::*;
