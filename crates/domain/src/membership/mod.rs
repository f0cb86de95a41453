//! A customer's agreement to one plan version, cycle by cycle.

mod decide;
mod event;
#[cfg(test)]
mod tests;

pub use decide::*;
pub use event::*;
