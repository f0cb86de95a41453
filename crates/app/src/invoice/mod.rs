//! Issuing invoices: the number is taken in the issuing transaction.

mod bill;
mod issue;

pub use bill::*;
pub use issue::*;
