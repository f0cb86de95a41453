//! What the books do by time, and what they say.

mod earn_revenue;
pub mod page;
mod project;

pub use earn_revenue::*;
pub(crate) use project::project_in_op;
