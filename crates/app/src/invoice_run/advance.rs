//! One bounded step of a run: some payers drafted, or some drafts issued. A job does one after the other; a page may do one, too.

use super::{
    draft::{batch_in_op, of_charges, op_version, stop_in_op},
    guard::{self, RunRow},
    load,
};
use crate::{App, Caller, Operation, Outcome, UseCaseError, access, charge, invoice, trouble};
use coterie_domain::{
    InvoiceRunId, Payer,
    charge::ChargeMade,
    invoice_run::{
        self, CHARGE_TWICE, DraftIssued, DraftSetAside, DraftsIssued, InvoiceRun, InvoiceRunCompleted, InvoiceRunEvent,
        Phase,
    },
};
use uuid::Uuid;

/// Payers of one transaction.
pub const BATCH: i64 = 100;

/// Takes a run one step on. The outcome is whether there is more to do now. Whoever does it twice, or after a crash, does only what
/// is missing: the run's row is locked, and what was issued is not ready any more.
///
/// # Errors
/// `NotFound` for an unknown run; finance only; whatever the database says.
pub async fn advance(app: &App, caller: &Caller, id: InvoiceRunId, limit: i64) -> Outcome<bool> {
    trouble::carry_out(app, caller, || async {
        let (op, more) = step(app, caller, id, limit).await?;
        op.commit(more).await
    })
    .await
}

/// The same step, decided and not committed: dropping it is what a crash before the commit is.
///
/// # Errors
/// As [`advance`].
pub async fn step(app: &App, caller: &Caller, id: InvoiceRunId, limit: i64) -> Result<(Operation, bool), UseCaseError> {
    access::finances(caller)?;
    let mut op = Operation::open(app, caller).await?;
    let run = guard::lock(&mut op, id).await?;
    let more = match run.phase {
        _ if run.stopped.is_some() => false,
        Phase::Drafting => batch_in_op(&mut op, id, limit).await?,
        Phase::Issuing => issue_in_op(&mut op, id, &run, limit).await?,
        Phase::Drafted | Phase::Approved | Phase::Completed | Phase::Cancelled => false,
    };
    Ok((op, more))
}

/// What became of one draft.
enum Became {
    /// In one invoice, or one for each location.
    Issued(Vec<DraftIssued>),
    SetAside(Box<DraftSetAside>),
    Stops(String),
}

async fn issue_in_op(op: &mut Operation, id: InvoiceRunId, run: &RunRow, limit: i64) -> Result<bool, UseCaseError> {
    let ready = guard::ready(op, id, limit).await?;
    let full = i64::try_from(ready.len()).unwrap_or(i64::MAX) >= limit;
    let payers: Vec<Uuid> = ready.iter().map(|(payer, _)| payer.id()).collect();
    let mut owed = charge::lock_billable_of(op, &payers, run.legal_entity_id, run.cut_off).await?;
    let mut events: Vec<InvoiceRunEvent> = Vec::new();
    let mut issued = Vec::with_capacity(ready.len());
    let mut stopped = false;
    let mut approved = None;
    for (payer, hash) in ready {
        let charges = owed.remove(&payer.id()).unwrap_or_default();
        match one_in_op(op, id, run, (payer, &hash), &charges, &mut approved).await? {
            Became::Issued(ones) => {
                let first = ones.first().map(|one| one.invoice_id);
                guard::set_standing(op, id, payer, "issued", first).await?;
                issued.extend(ones);
            }
            Became::SetAside(fact) => {
                guard::set_standing(op, id, payer, "set_aside", None).await?;
                events.push((*fact).into());
            }
            Became::Stops(sentence) => {
                events.push(stop_in_op(op, id, payer, sentence).await?.into());
                stopped = true;
                break;
            }
        }
    }
    if !issued.is_empty() {
        let fact = DraftsIssued {
            invoice_run_id: id,
            issued,
        };
        events.insert(0, fact.into());
    }
    let more = full && !stopped;
    if !full && !stopped {
        guard::set_phase(op, id, Phase::Completed).await?;
        events.push(InvoiceRunCompleted { invoice_run_id: id }.into());
    }
    let version = op_version(op, id).await?;
    op.write(id.0, version, events)?;
    Ok(more)
}

/// Issues one draft if it is still what was approved (rule 8).
async fn one_in_op(
    op: &mut Operation,
    id: InvoiceRunId,
    run: &RunRow,
    (payer, hash): (Payer, &str),
    charges: &[ChargeMade],
    approved: &mut Option<InvoiceRun>,
) -> Result<Became, UseCaseError> {
    let forgotten = match op.hold_person(payer.id()).await {
        Ok(()) => false,
        Err(error) if error.code() == Some("forgotten") => true,
        Err(error) => return Err(error),
    };
    let now = match of_charges(op, payer, run.legal_entity_id, charges).await {
        Ok((draft, _)) => draft,
        Err(UseCaseError::Refused(refusal)) if refusal.code == CHARGE_TWICE => {
            return Ok(Became::Stops(refusal.sentence.clone()));
        }
        Err(error) => return Err(error),
    };
    if forgotten || now.inputs_sha256 != hash || now.waits.is_some() {
        if approved.is_none() {
            *approved = Some(load(op, id).await?.0);
        }
        let before = approved.as_ref().and_then(|run| run.drafts.get(&payer));
        let (before, _) = before.ok_or_else(|| UseCaseError::Broken(format!("run {id} has no draft of {payer:?}")))?;
        let mut difference = invoice_run::difference(before, &now);
        difference.buyer_forgotten = forgotten;
        return Ok(Became::SetAside(Box::new(DraftSetAside {
            invoice_run_id: id,
            payer,
            difference,
        })));
    }
    let issued = invoice::issue_documents_in_op(op, payer, run.legal_entity_id, charges).await?;
    let gross_minor: i64 = issued.iter().map(|one| one.gross_minor).sum();
    if gross_minor != now.gross_minor {
        return Err(UseCaseError::Broken(format!(
            "a draft of {} would be issued as {gross_minor}",
            now.gross_minor
        )));
    }
    let issued = issued.iter().map(|one| DraftIssued {
        payer,
        invoice_id: one.invoice_id,
    });
    Ok(Became::Issued(issued.collect()))
}
