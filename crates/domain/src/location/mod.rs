//! One building: zone, opening hours, issuing legal entity, and what cancelling late costs there.

mod closure;
mod decide;
mod event;
mod passes;

pub use closure::{close, lift};
pub use decide::*;
pub use event::*;
pub use passes::*;

#[cfg(test)]
mod tests;
