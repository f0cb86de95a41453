//! Invoicing everybody of one legal entity at once: preview, approve, issue (rule 8). The cut-off is frozen when a run opens, each
//! payer's draft has the hash of what it is made of, and a draft that is made of something else by now is set aside.

mod decide;
mod draft;
mod event;
mod state;
#[cfg(test)]
mod tests;

pub use decide::*;
pub use draft::*;
pub use event::*;
pub use state::*;
