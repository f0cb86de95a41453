//! A visitor's booking: somebody without an account holds a time while she pays for it on a hosted page. Paid, it is a booking
//! with its invoice; not paid, nothing of it is left; paid too late, the money goes back; given up, what is not due of it does.

mod decide;
mod event;
#[cfg(test)]
mod tests;

pub use decide::*;
pub use event::*;
