//! A desk or an office that is one member's for as long as it is assigned to her membership: nobody else books it.

mod decide;
mod event;
#[cfg(test)]
mod tests;

pub use decide::*;
pub use event::*;
