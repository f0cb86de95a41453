//! Issuing invoices: the number is taken in the issuing transaction.

mod bill;
mod explain;
mod issue;
pub mod page;

pub use bill::*;
pub use issue::*;
