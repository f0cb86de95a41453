//! The bookable thing, its pricing category, and the rules that price it.

mod decide;
mod event;

pub use decide::*;
pub use event::*;
