//! Invoice runs: open, look, approve, issue. Every step is one bounded transaction, so that one that is killed leaves either all of
//! it or nothing, and the next goes on where the log stands.

mod advance;
mod command;
mod draft;
mod guard;
mod open;
pub mod page;

pub use advance::*;
pub use command::*;
pub use open::*;

use crate::{Operation, UseCaseError};
use coterie_domain::{
    InvoiceRunId,
    invoice_run::{InvoiceRun, InvoiceRunEvent},
};

/// A run as its stream says, and the version that a write to it must expect.
///
/// # Errors
/// `NotFound` when the organization has no such run.
pub async fn load(op: &mut Operation, id: InvoiceRunId) -> Result<(InvoiceRun, i64), UseCaseError> {
    op.load::<InvoiceRunEvent, InvoiceRun>(id.0, InvoiceRun::evolve)
        .await?
        .ok_or(UseCaseError::NotFound)
}
