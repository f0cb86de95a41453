//! Invoice runs: open, look, approve, issue. Every step is one bounded transaction, so that one that is killed leaves either all of
//! it or nothing, and the next goes on where the log stands.

mod advance;
mod ahead;
mod carry_on;
mod command;
mod draft;
mod guard;
mod open;
pub mod page;

pub use advance::{BATCH, advance, step};
pub use carry_on::CarryingOn;
pub use command::*;
pub use open::*;

use crate::{Operation, UseCaseError, operation::decode};
use coterie_domain::{
    InvoiceRunId, Payer,
    invoice_run::{Draft, InvoiceRun, InvoiceRunEvent, Standing},
};
use std::collections::{BTreeMap, BTreeSet};

/// Events of a run that are in memory at once: one may tell of [`BATCH`] drafts.
const PAGE: i64 = 4;

/// What a run's stream says of some payers. However many others it has, no more than a few of its events are in memory at once.
///
/// # Errors
/// When the database fails or an event cannot be read.
async fn drafts_of(
    op: &mut Operation,
    id: InvoiceRunId,
    payers: &BTreeSet<Payer>,
) -> Result<BTreeMap<Payer, (Draft, Standing)>, UseCaseError> {
    let tenant = op.tenant();
    let (mut run, mut after) = (None, 0);
    loop {
        let events = coterie_eventlog::read_stream(op.conn(), tenant, id.0, after, PAGE).await?;
        let Some(last) = events.last() else { break };
        after = last.version;
        for event in &events {
            run = InvoiceRun::evolve(run, decode::<InvoiceRunEvent>(event)?);
            if let Some(run) = &mut run {
                run.drafts.retain(|payer, _| payers.contains(payer));
            }
        }
    }
    Ok(run.map(|run| run.drafts).unwrap_or_default())
}
