//! What finance decides about a run that is open.

use super::{
    drafts_of,
    guard::{self, RunRow},
};
use crate::{App, Caller, Done, Operation, Outcome, Start, UseCaseError, access, invoice, trouble};
use coterie_domain::{
    InvoiceId, InvoiceRunId, LegalEntityId, Payer, Refusal,
    invoice_run::{self, InvoiceRunEvent, Phase, WaitsFor},
    local_time,
};
use std::collections::BTreeSet;
use uuid::Uuid;

/// A decision about a whole run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RunStep {
    Approve,
    /// A job issues from then on.
    Issue,
    Resume,
    Cancel,
}

impl RunStep {
    pub const ALL: [Self; 4] = [Self::Approve, Self::Issue, Self::Resume, Self::Cancel];
    pub fn name(self) -> &'static str {
        match self {
            Self::Approve => "approve",
            Self::Issue => "issue",
            Self::Resume => "resume",
            Self::Cancel => "cancel",
        }
    }
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|step| step.name() == name)
    }
}

/// A run's operation with its row locked, or the remembered answer.
enum Begun {
    Fresh(Box<Operation>, RunRow),
    Replay(Done<InvoiceRunId>),
}

async fn begin(app: &App, caller: &Caller, id: InvoiceRunId) -> Result<Begun, UseCaseError> {
    access::finances(caller)?;
    match Operation::begin(app, caller).await? {
        Start::Fresh(mut op) => {
            let row = guard::lock(&mut op, id).await?;
            Ok(Begun::Fresh(op, row))
        }
        Start::Replay(done) => Ok(Begun::Replay(done)),
    }
}

/// Approves a run, begins to issue it, lets it go on, or gives it up.
///
/// # Errors
/// A refusal that says what it waits for; `NotFound` for an unknown run; finance only.
pub async fn decide(app: &App, caller: &Caller, id: InvoiceRunId, step: RunStep) -> Outcome<InvoiceRunId> {
    trouble::carry_out(app, caller, || async {
        let (mut op, row) = match begin(app, caller, id).await? {
            Begun::Fresh(op, row) => (op, row),
            Begun::Replay(done) => return Ok(done),
        };
        let run = row.run(id);
        // Decided first: the row of a run that is over must not touch that of the next one.
        let event: InvoiceRunEvent = match step {
            RunStep::Approve => {
                let (drafts, gross_minor) = guard::ready_sums(&mut op, id).await?;
                let decided = invoice_run::approve(&run, drafts, gross_minor)?;
                guard::set_phase(&mut op, id, Phase::Approved).await?;
                decided.into()
            }
            RunStep::Issue => {
                let decided = invoice_run::start(&run)?;
                guard::set_phase(&mut op, id, Phase::Issuing).await?;
                decided.into()
            }
            RunStep::Resume => {
                let decided = invoice_run::resume(&run)?;
                guard::set_stopped(&mut op, id, None).await?;
                decided.into()
            }
            RunStep::Cancel => {
                let decided = invoice_run::cancel(&run)?;
                guard::set_phase(&mut op, id, Phase::Cancelled).await?;
                decided.into()
            }
        };
        let version = op.version_of(id.0).await?;
        op.write(id.0, version, [event])?;
        op.commit(id).await
    })
    .await
}

/// Leaves a payer out of a run, or takes her in again.
///
/// # Errors
/// A payer without a draft; a run that is approved; finance only.
pub async fn include(
    app: &App,
    caller: &Caller,
    id: InvoiceRunId,
    payer_id: Uuid,
    included: bool,
) -> Outcome<InvoiceRunId> {
    trouble::carry_out(app, caller, || async {
        let (mut op, row) = match begin(app, caller, id).await? {
            Begun::Fresh(op, row) => (op, row),
            Begun::Replay(done) => return Ok(done),
        };
        let payer = guard::payer(&mut op, id, payer_id).await?.ok_or_else(unknown_draft)?;
        let mut run = row.run(id);
        run.drafts = drafts_of(&mut op, id, &BTreeSet::from([payer])).await?;
        let event = if included {
            invoice_run::include(&run, payer)?.map(InvoiceRunEvent::from)
        } else {
            invoice_run::exclude(&run, payer)?.map(InvoiceRunEvent::from)
        };
        let waits = run.drafts.get(&payer).is_some_and(|(draft, _)| draft.waits.is_some());
        let standing = match (included, waits) {
            (false, _) => "excluded",
            (true, true) => "waits",
            (true, false) => "ready",
        };
        if event.is_some() {
            guard::set_standings(&mut op, id, &[(payer, standing, None)]).await?;
        }
        let version = op.version_of(id.0).await?;
        op.write(id.0, version, event)?;
        op.commit(id).await
    })
    .await
}

fn unknown_draft() -> UseCaseError {
    Refusal::not_found("unknown_draft", "The run has no draft for this payer.").into()
}

/// Invoices what one payer owes a legal entity up to today, outside of any run. A run that has drafted her sets that draft aside.
///
/// # Errors
/// Nothing that is owed; an unknown payer or legal entity; finance only.
pub async fn invoice_now(app: &App, caller: &Caller, payer: Payer, entity: LegalEntityId) -> Outcome<InvoiceId> {
    trouble::carry_out(app, caller, || async {
        access::finances(caller)?;
        let mut op = match Operation::begin(app, caller).await? {
            Start::Fresh(op) => op,
            Start::Replay(done) => return Ok(done),
        };
        let catalogue = op.catalogue().await?;
        let zone = local_time::zone(&catalogue.legal_entity(entity)?.fact.time_zone)?;
        invoice::buyer(&mut op, payer, entity, &[]).await?;
        let today = local_time::day_at(op.now, &zone);
        let issued = invoice::issue_in_op(&mut op, payer, entity, today).await?;
        // The first of them, where there is one for each location.
        let first = issued
            .first()
            .ok_or_else(|| Refusal::conflict("nothing_to_invoice", "Nothing is owed that could be invoiced today."))?;
        op.commit(first.invoice_id).await
    })
    .await
}

/// A reason to wait, by the name that stands in the guard.
pub(super) fn waits_for(name: &str) -> Option<WaitsFor> {
    WaitsFor::ALL.into_iter().find(|why| why.name() == name)
}
