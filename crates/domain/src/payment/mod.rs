//! Payments: each is one attempt to collect one invoice. Created -> Submitted -> `{Processing | ActionRequired | Unknown}`
//! -> Settled | Failed | Canceled; a late success wins over a local failure.

mod decide;
mod event;
#[cfg(test)]
pub(crate) mod tests;

pub use decide::*;
pub use event::*;
