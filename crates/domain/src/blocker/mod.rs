//! A time in which a resource cannot be booked because it is out of service: painting, repair.

mod decide;
mod event;
#[cfg(test)]
mod tests;

pub use decide::*;
pub use event::*;
