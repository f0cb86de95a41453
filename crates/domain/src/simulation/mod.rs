//! What if: a month that is over, priced by terms that nobody published.
//!
//! Nothing is decided and nothing recorded. What happened under a membership is led through again, in the order of the log:
//! lots are granted and lapse, bookings and passes draw on them, are moved and given up. Whatever has a price is priced by the
//! functions that bill, [`membership::open_cycle`](crate::membership::open_cycle), [`booking::price`](crate::booking::price),
//! [`credit::draw`](crate::credit::draw) and [`pass::pay`](crate::pass::pay), twice: by what is published and by the draft. Beside
//! both stands what was really charged, so that whoever reads the draft's figures sees first how far to trust them.

mod draft;
mod lived;
mod lots;
mod outcome;
mod recurring;
mod replay;
mod summary;
#[cfg(test)]
mod tests;

pub use draft::*;
pub use lived::*;
use lots::Adjusted;
pub use lots::LotFacts;
pub use outcome::*;
pub use replay::{BookingFacts, PassFacts};
pub use summary::*;
