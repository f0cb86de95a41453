//! Waiting for a time that is taken. When it becomes free it is held for whoever has waited longest, for a bounded time; then
//! for the next.

mod decide;
mod event;
#[cfg(test)]
mod tests;

pub use decide::*;
pub use event::*;
