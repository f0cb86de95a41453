//! One bounded step of a run: some payers drafted, or some drafts issued. A job does one after the other; a page may do one, too.

use super::{
    ahead::{Ahead, Reading},
    draft::{Owing, batch_in_op, decoded, op_version, owing, stop_in_op},
    drafts_of,
    guard::{self, RunRow},
};
use crate::{App, Caller, Operation, Outcome, UseCaseError, access, charge, invoice, trouble};
use coterie_domain::{
    InvoiceRunId, Payer,
    invoice_run::{
        self, CHARGE_TWICE, Draft, DraftIssued, DraftSetAside, DraftsIssued, InvoiceRunCompleted, InvoiceRunEvent,
        Phase,
    },
};
use std::collections::BTreeMap;
use uuid::Uuid;

/// Payers of one transaction: enough that round trips and flushes do not count beside them, and few enough that whoever waits for
/// the organization's head hardly notices.
pub const BATCH: i64 = 750;

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
    let (op, more, _) = step_with(app, caller, id, limit, Ahead::default(), false).await?;
    Ok((op, more))
}

/// The same with what was read ahead of it, and what is read ahead of the next where somebody goes on.
///
/// # Errors
/// As [`advance`].
pub(super) async fn step_with(
    app: &App,
    caller: &Caller,
    id: InvoiceRunId,
    limit: i64,
    ahead: Ahead,
    goes_on: bool,
) -> Result<(Operation, bool, Reading), UseCaseError> {
    access::finances(caller)?;
    let mut op = Operation::open(app, caller).await?;
    op.look_up_each().await?;
    let run = guard::lock(&mut op, id).await?;
    let (more, next) = match run.phase {
        _ if run.stopped.is_some() => (false, Reading::default()),
        Phase::Drafting => batch_in_op(&mut op, id, &run, limit, ahead, goes_on).await?,
        Phase::Issuing => issue_in_op(&mut op, id, &run, limit, ahead, goes_on).await?,
        Phase::Drafted | Phase::Approved | Phase::Completed | Phase::Cancelled => (false, Reading::default()),
    };
    Ok((op, more, next))
}

async fn issue_in_op(
    op: &mut Operation,
    id: InvoiceRunId,
    run: &RunRow,
    limit: i64,
    mut ahead: Ahead,
    goes_on: bool,
) -> Result<(bool, Reading), UseCaseError> {
    let ready = guard::ready(op, id, None, limit).await?;
    let (payers, hashes): (Vec<Payer>, Vec<String>) = ready.into_iter().unzip();
    let full = i64::try_from(payers.len()).unwrap_or(i64::MAX) >= limit;
    let next = match payers.last() {
        Some(last) if full && goes_on => Reading::begin(op.app(), op.caller(), run.next(id, *last, limit)),
        _ => Reading::default(),
    };
    let ids: Vec<Uuid> = payers.iter().map(|payer| payer.id()).collect();
    let owed = if ahead.of.is_empty() {
        charge::lock_billable_of(op, &ids, run.legal_entity_id, run.cut_off).await?
    } else {
        let owed = charge::owed_by(op, &ids, run.legal_entity_id, run.cut_off, true).await?;
        charge::recorded_of(op, &ahead.keep(&owed)).await?
    };
    // Before anybody's address is read: nobody can be forgotten from here on.
    let forgotten = op.hold_people(&ids).await?;
    let mut batch = Batch::default();
    let owed = decoded(owed).await?;
    let (_, all) = owing(op, payers, run.legal_entity_id, owed, ahead).await?;
    for (owing, approved) in all.into_iter().zip(hashes) {
        let is_forgotten = forgotten.contains(&owing.payer.id());
        if !batch.take(op, owing, &approved, is_forgotten)? {
            break;
        }
    }
    let mut standings = Vec::with_capacity(batch.bills.len() + batch.changed.len());
    let issued = issue_bills(op, run, batch.bills, &batch.gross_minor).await?;
    // Where she has one for each location, the draft leads to the first.
    let mut last = None;
    for one in issued.iter().filter(|one| last.replace(one.payer) != Some(one.payer)) {
        standings.push((one.payer, "issued", Some(one.invoice_id)));
    }
    standings.extend(batch.changed.iter().map(|(now, _)| (now.payer, "set_aside", None)));
    let mut events: Vec<InvoiceRunEvent> = Vec::new();
    if !issued.is_empty() {
        let fact = DraftsIssued {
            invoice_run_id: id,
            issued,
        };
        events.push(fact.into());
    }
    events.extend(set_aside(op, id, batch.changed).await?);
    guard::set_standings(op, id, &standings).await?;
    let stopped = batch.stops.is_some();
    if let Some((payer, sentence)) = batch.stops {
        events.push(stop_in_op(op, id, payer, sentence).await?.into());
    }
    let more = full && !stopped;
    if !full && !stopped {
        guard::set_phase(op, id, Phase::Completed).await?;
        events.push(InvoiceRunCompleted { invoice_run_id: id }.into());
    }
    let version = op_version(op, id).await?;
    op.write(id.0, version, events)?;
    Ok((more, if more { next } else { Reading::default() }))
}

/// What becomes of a batch's drafts.
#[derive(Default)]
struct Batch {
    /// Those that are what was approved, and what was approved of each.
    bills: Vec<invoice::Bill>,
    gross_minor: BTreeMap<Payer, i64>,
    /// Those that are not, as they would be now, and whether the payer was forgotten.
    changed: Vec<(Draft, bool)>,
    /// Whose charge or day would be billed twice.
    stops: Option<(Payer, String)>,
}

impl Batch {
    /// Issues a draft if it is still what was approved (rule 8). `false` when the run stops at it.
    fn take(&mut self, op: &Operation, owing: Owing, approved: &str, is_forgotten: bool) -> Result<bool, UseCaseError> {
        let now = match owing.draft {
            Ok(draft) => draft,
            Err(refusal) if refusal.code == CHARGE_TWICE => {
                self.stops = Some((owing.payer, refusal.sentence));
                return Ok(false);
            }
            Err(refusal) => return Err(refusal.into()),
        };
        if is_forgotten || now.inputs_sha256 != approved || now.waits.is_some() {
            self.changed.push((now, is_forgotten));
        } else {
            self.gross_minor.insert(owing.payer, now.gross_minor);
            let bills = invoice::bills(op, owing.payer, owing.buyer, owing.charges);
            self.bills.extend(bills);
        }
        Ok(true)
    }
}

async fn issue_bills(
    op: &mut Operation,
    run: &RunRow,
    bills: Vec<invoice::Bill>,
    drafted_minor: &BTreeMap<Payer, i64>,
) -> Result<Vec<DraftIssued>, UseCaseError> {
    let mut issued = Vec::with_capacity(bills.len());
    let all = invoice::issue_all_in_op(op, run.legal_entity_id, bills).await?;
    let mut issued_minor: BTreeMap<Payer, i64> = BTreeMap::new();
    for one in &all {
        *issued_minor.entry(one.payer).or_default() += one.gross_minor;
        issued.push(DraftIssued {
            payer: one.payer,
            invoice_id: one.invoice_id,
        });
    }
    if issued_minor != *drafted_minor {
        return Err(UseCaseError::Broken(
            "drafts would be issued with other sums".to_owned(),
        ));
    }
    Ok(issued)
}

/// Drafts whose inputs changed, each with what is different.
async fn set_aside(
    op: &mut Operation,
    id: InvoiceRunId,
    changed: Vec<(Draft, bool)>,
) -> Result<Vec<InvoiceRunEvent>, UseCaseError> {
    if changed.is_empty() {
        return Ok(Vec::new());
    }
    let payers = changed.iter().map(|(now, _)| now.payer).collect();
    let approved = drafts_of(op, id, &payers).await?;
    let mut events = Vec::with_capacity(changed.len());
    for (now, is_forgotten) in changed {
        let payer = now.payer;
        let (before, _) = approved
            .get(&payer)
            .ok_or_else(|| UseCaseError::Broken(format!("run {id} has no draft of {payer:?}")))?;
        let mut difference = invoice_run::difference(before, &now);
        difference.buyer_forgotten = is_forgotten;
        let fact = DraftSetAside {
            invoice_run_id: id,
            payer,
            difference,
        };
        events.push(fact.into());
    }
    Ok(events)
}
