//! The tenant: one coworking chain, live or sandbox, and the people who run it.

mod decide;
mod event;

pub use decide::*;
pub use event::*;
