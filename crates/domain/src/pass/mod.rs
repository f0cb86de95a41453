//! A pass: the right to enter a location for a day. Priced when bought, given back by the location's policy.

mod decide;
mod event;
#[cfg(test)]
mod tests;

pub use decide::*;
pub use event::*;
