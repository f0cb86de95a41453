//! A priced offer and its immutable revisions.

mod decide;
mod event;

#[cfg(test)]
mod tests;

pub use decide::*;
pub use event::*;
