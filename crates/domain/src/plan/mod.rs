//! A priced offer and its immutable revisions.

mod decide;
mod event;

pub use decide::*;
pub use event::*;
