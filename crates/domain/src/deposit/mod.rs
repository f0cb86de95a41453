//! A deposit: money held for a payer while a membership runs. It is no supply, so it has no tax, and it is a liability until
//! it pays for an invoice or goes back.
//!
//! It is asked for by a document of its own, in a series of its own, collected as invoices are: a line that is not subject to
//! VAT may stand on no invoice beside others (EN 16931, BR-O-11 to BR-O-14).

mod decide;
mod event;
#[cfg(test)]
mod tests;

pub use decide::*;
pub use event::*;
