//! What the books do by time, and what they say.

mod earn_revenue;
pub mod page;

pub use earn_revenue::*;
