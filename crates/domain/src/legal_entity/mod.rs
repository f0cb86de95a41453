//! Who issues invoices: name, address, tax id, functional currency, number series, Stripe account.

mod decide;
mod event;

pub use decide::*;
pub use event::*;
