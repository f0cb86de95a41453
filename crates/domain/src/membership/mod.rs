//! A customer's agreement to one plan version, cycle by cycle, and every change of it.
//!
//! What a membership costs is one function of its events: [`Membership::desired`] says for each day under which terms it is
//! owed, [`Membership::unsettled`] compares that with the days that stand charged. Opening a cycle, a change of plan, a pause,
//! an end, backdated or not, all bill by it, so that no day is billed twice, and none to the wrong plan.

mod add_on;
mod announced;
mod change;
mod charged;
mod choose;
mod coupon;
mod cycle;
mod event;
mod notice;
mod pause;
mod price_override;
mod quote;
mod seat;
mod settle;
mod split;
mod state;
mod terms;
#[cfg(test)]
mod tests;
mod told;

pub use add_on::*;
pub use announced::*;
pub use change::*;
pub use charged::*;
pub use choose::*;
pub use coupon::*;
pub use cycle::*;
pub use event::*;
pub use notice::*;
pub use pause::*;
pub use price_override::*;
pub use quote::*;
pub use seat::*;
pub use settle::*;
pub use split::*;
pub use state::*;
pub use terms::*;
