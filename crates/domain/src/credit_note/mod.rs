//! Corrections of issued invoices. An invoice is never changed: a credit note names it, takes back lines of it, whole or by
//! an amount, and says why (rule 7). Numbers are of a series of their own.

mod event;
mod issue;
#[cfg(test)]
mod tests;

pub use event::*;
pub use issue::*;
