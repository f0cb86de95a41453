//! A storey of a location, with a plan on which its rooms and desks have their places.

mod decide;
mod event;
#[cfg(test)]
mod tests;

pub use decide::*;
pub use event::*;
