//! One building: zone, opening hours, issuing legal entity, and what cancelling late costs there.

mod decide;
mod event;

pub use decide::*;
pub use event::*;
