//! Issuing invoices: the number is taken in the issuing transaction.

mod bill;
mod buyer;
mod explain;
mod issue;
mod number;
pub mod page;
mod project;

pub use bill::*;
pub(crate) use buyer::{buyer, buyers, with_charges};
pub use issue::*;
pub(crate) use number::next_number;
pub(crate) use project::project_in_op;
