//! Issuing invoices: the number is taken in the issuing transaction.

mod bill;
mod buyer;
mod explain;
mod issue;
pub mod page;
mod project;

pub use bill::*;
pub(crate) use buyer::{buyer, buyers};
pub use issue::*;
pub(crate) use project::project_in_op;
