//! Issued documents, immutable. A number is taken in the issuing transaction and by nothing else (rule 7).

mod event;
mod issue;
#[cfg(test)]
pub(crate) mod tests;

pub use event::*;
pub use issue::*;
