//! The bookable thing, its pricing category, and the rules that price it.

mod booker;
mod conditions;
mod decide;
mod event;
mod place;
mod terms;
#[cfg(test)]
mod tests;

pub use booker::*;
pub use conditions::{Asked, precedence};
pub use decide::*;
pub use event::*;
pub use place::*;
pub use terms::*;
