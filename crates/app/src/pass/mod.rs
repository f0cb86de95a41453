//! Day passes: so many a day at a location, priced when bought, given back by policy.

mod buy;
mod give_back;
mod guard;
pub mod page;
mod project;

pub use buy::*;
pub use give_back::*;
pub(crate) use project::project_in_op;
