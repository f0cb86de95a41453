use super::{
    InvoiceRun, InvoiceRunApproved, InvoiceRunCancelled, InvoiceRunOpened, InvoiceRunResumed, InvoiceRunStarted,
    PayerExcluded, PayerIncluded, Phase, Standing,
};
use crate::{
    InvoiceRunId, LegalEntityId, Payer, catalogue::Catalogue, legal_entity::InvoicingSet, local_time, refusal::Refusal,
};
use jiff::{Timestamp, civil::Date};

/// Says whether a legal entity's recurring invoices wait for runs.
///
/// # Errors
/// An unknown legal entity.
pub fn set_invoicing(id: LegalEntityId, by_run: bool, catalogue: &Catalogue) -> Result<InvoicingSet, Refusal> {
    catalogue.legal_entity(id)?;
    Ok(InvoicingSet {
        legal_entity_id: id,
        by_run,
    })
}

/// Opens a run up to a cut-off, which stays as it is.
///
/// # Errors
/// An unknown legal entity; a day that is yet to come there: more could be charged on it.
pub fn open(
    id: InvoiceRunId,
    legal_entity_id: LegalEntityId,
    cut_off: Date,
    now: Timestamp,
    catalogue: &Catalogue,
) -> Result<InvoiceRunOpened, Refusal> {
    let entity = &catalogue.legal_entity(legal_entity_id)?.fact;
    let today = local_time::day_at(now, &local_time::zone(&entity.time_zone)?);
    if cut_off > today {
        let message = format!(
            "It is {today} at {}: please choose that day or an earlier one.",
            entity.name
        );
        return Err(Refusal::field("cut_off_to_come", "cut_off", message));
    }
    Ok(InvoiceRunOpened {
        invoice_run_id: id,
        legal_entity_id,
        cut_off,
    })
}

fn before_approval(run: &InvoiceRun) -> Result<(), Refusal> {
    match run.phase {
        Phase::Drafted => Ok(()),
        Phase::Drafting => Err(Refusal::conflict("still_drafting", "Its drafts are still being made.")),
        _ => Err(Refusal::conflict(
            "already_approved",
            "It is decided already: payers are left out or taken in before a run is approved.",
        )),
    }
}

fn standing(run: &InvoiceRun, payer: Payer) -> Result<&Standing, Refusal> {
    let unknown = || Refusal::not_found("unknown_draft", "The run has no draft for this payer.");
    run.drafts.get(&payer).map(|(_, standing)| standing).ok_or_else(unknown)
}

/// Leaves a payer out. `None` when she is left out already.
///
/// # Errors
/// A payer without a draft; a run that is approved.
pub fn exclude(run: &InvoiceRun, payer: Payer) -> Result<Option<PayerExcluded>, Refusal> {
    let standing = standing(run, payer)?;
    before_approval(run)?;
    Ok((*standing != Standing::Excluded).then_some(PayerExcluded {
        invoice_run_id: run.fact.invoice_run_id,
        payer,
    }))
}

/// Takes a payer in again. `None` when she was not left out.
///
/// # Errors
/// A payer without a draft; a run that is approved.
pub fn include(run: &InvoiceRun, payer: Payer) -> Result<Option<PayerIncluded>, Refusal> {
    let standing = standing(run, payer)?;
    before_approval(run)?;
    Ok((*standing == Standing::Excluded).then_some(PayerIncluded {
        invoice_run_id: run.fact.invoice_run_id,
        payer,
    }))
}

/// Approves so many drafts that are ready, whatever they come to: whoever calls has counted them.
///
/// # Errors
/// A run that is not ready to be approved, or has nothing to issue.
pub fn approve(run: &InvoiceRun, drafts: i64, gross_minor: i64) -> Result<InvoiceRunApproved, Refusal> {
    before_approval(run)?;
    if drafts == 0 {
        return Err(Refusal::conflict(
            "nothing_to_issue",
            "No draft of this run can be issued.",
        ));
    }
    Ok(InvoiceRunApproved {
        invoice_run_id: run.fact.invoice_run_id,
        drafts,
        gross_minor,
    })
}

/// Begins to issue.
///
/// # Errors
/// A run that is not approved, or was begun.
pub fn start(run: &InvoiceRun) -> Result<InvoiceRunStarted, Refusal> {
    match run.phase {
        Phase::Approved => Ok(InvoiceRunStarted {
            invoice_run_id: run.fact.invoice_run_id,
        }),
        Phase::Drafting | Phase::Drafted => Err(Refusal::conflict("not_approved", "It must be approved first.")),
        _ => Err(Refusal::conflict(
            "already_issuing",
            "It was issued already, or is being issued.",
        )),
    }
}

/// Lets a run go on that stopped.
///
/// # Errors
/// One that did not stop.
pub fn resume(run: &InvoiceRun) -> Result<InvoiceRunResumed, Refusal> {
    if run.stopped.is_none() {
        return Err(Refusal::conflict("not_stopped", "It did not stop."));
    }
    Ok(InvoiceRunResumed {
        invoice_run_id: run.fact.invoice_run_id,
    })
}

/// Gives a run up. Its charges wait for another; what it issued, should it have stopped meanwhile, stays issued.
///
/// # Errors
/// One that is being issued and did not stop, or is over.
pub fn cancel(run: &InvoiceRun) -> Result<InvoiceRunCancelled, Refusal> {
    if run.phase.over() {
        return Err(Refusal::conflict("run_over", "This run is over."));
    }
    if run.phase == Phase::Issuing && run.stopped.is_none() {
        return Err(Refusal::conflict(
            "already_issuing",
            "It is being issued: what is issued is corrected by credit notes.",
        ));
    }
    Ok(InvoiceRunCancelled {
        invoice_run_id: run.fact.invoice_run_id,
    })
}
