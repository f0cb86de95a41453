//! Bookings: one winner per slot, priced when made, cancelled by policy.

mod book;
mod cancel;
mod day;
mod find;
pub(crate) mod guard;
mod moving;
pub mod page;
mod project;
mod series;

pub use book::*;
pub use cancel::*;
pub use find::{Found, Offer, find_free};
pub use moving::*;
pub(crate) use project::project_in_op;
pub use series::*;
