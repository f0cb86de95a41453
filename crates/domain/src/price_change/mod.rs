//! A newer version of a plan, announced to those who have an older one: preview, announce, tell each, or call it off. A published
//! version never changes, so whoever has it keeps it until she chooses, or until she was told in time that she is moved.

mod decide;
mod difference;
mod event;
mod state;
#[cfg(test)]
mod tests;

pub use decide::*;
pub use difference::*;
pub use event::*;
pub use state::*;
