//! Who issues invoices: name, address, tax id, functional currency, number series, Stripe account.

mod decide;
mod event;
mod letterhead;
mod set_letterhead;

pub use decide::*;
pub use event::*;
pub use letterhead::*;
pub use set_letterhead::*;
