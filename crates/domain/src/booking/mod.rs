//! Reservation of a resource: priced when made, drawn from allowances first, moved at its new price,
//! cancelled by the location's policy.

mod decide;
mod event;
mod free;
mod moving;
mod price;
mod search;
#[cfg(test)]
mod tests;

pub use decide::*;
pub use event::*;
pub use free::*;
pub use moving::*;
pub use price::*;
pub use search::*;
