//! The bookable thing, its pricing category, and the rules that price it.

mod conditions;
mod decide;
mod event;

pub use conditions::{Asked, precedence};
pub use decide::*;
pub use event::*;
