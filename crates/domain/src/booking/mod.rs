//! Reservation of a resource: held or asked for first where that is wanted, priced when made, drawn from allowances first,
//! moved at its new price, cancelled by the location's policy; lost to whoever does not come where one checks in.

mod decide;
mod event;
mod free;
mod guests;
mod hold;
mod moving;
mod presence;
mod price;
mod reasons;
mod search;
#[cfg(test)]
mod tests;

pub use decide::*;
pub use event::*;
pub use free::*;
pub use guests::*;
pub use hold::*;
pub use moving::*;
pub use presence::*;
pub use price::*;
pub use search::*;
