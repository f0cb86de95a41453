//! A reduction of what plans cost, given to whoever knows its code: a part of the price or a fixed amount, for some cycles of a
//! membership or for ever.
//!
//! A coupon is no money. It is a price reduction at the time of supply (art. 79 (b) of directive 2006/112/EC), and not a voucher
//! that was paid for (art. 30a), so it never takes off more than the price of the cycle that it is off. What is beyond
//! that lapses: a rest that was carried on would be a debt of the house, which would have to stand in the books from the
//! day on which the coupon was redeemed. Of a cycle that is charged for some of its days only, it takes off the same days' part.

mod create;
mod event;
mod redeem;
mod state;
#[cfg(test)]
mod tests;

pub use create::*;
pub use event::*;
pub use redeem::*;
pub use state::*;
