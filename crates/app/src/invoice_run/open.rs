use super::{ahead::Ahead, guard};
use crate::{App, Caller, Operation, Outcome, Start, UseCaseError, access, trouble};
use coterie_domain::{
    InvoiceRunId, LegalEntityId, Refusal,
    invoice_run::{self, InvoiceRunEvent},
    legal_entity::LegalEntityEvent,
};
use jiff::civil::Date;

/// Says whether a legal entity's recurring invoices wait for runs. Saying the same again changes nothing.
///
/// # Errors
/// An unknown legal entity; finance only.
pub async fn set_invoicing(app: &App, caller: &Caller, id: LegalEntityId, by_run: bool) -> Outcome<LegalEntityId> {
    access::finances(caller)?;
    let mut op = match Operation::begin(app, caller).await? {
        Start::Fresh(op) => op,
        Start::Replay(done) => return Ok(done),
    };
    let catalogue = op.catalogue_to_change().await?;
    let set = invoice_run::set_invoicing(id, by_run, &catalogue)?;
    if catalogue.legal_entity(id)?.by_run != by_run {
        let version = op.version_of(id.0).await?;
        op.write(id.0, version, [LegalEntityEvent::from(set)])?;
    }
    op.commit(id).await
}

/// Opens a run and drafts its first payers; where there are more, a job goes on.
///
/// # Errors
/// A cut-off that is yet to come; another run of the legal entity that is not over; finance only.
pub async fn open(app: &App, caller: &Caller, entity: LegalEntityId, cut_off: Date) -> Outcome<InvoiceRunId> {
    trouble::carry_out(app, caller, || open_once(app, caller, entity, cut_off)).await
}

async fn open_once(app: &App, caller: &Caller, entity: LegalEntityId, cut_off: Date) -> Outcome<InvoiceRunId> {
    access::finances(caller)?;
    let mut op = match Operation::begin(app, caller).await? {
        Start::Fresh(op) => op,
        Start::Replay(done) => return Ok(done),
    };
    let catalogue = op.catalogue().await?;
    let id = InvoiceRunId(op.new_id());
    let opened = invoice_run::open(id, entity, cut_off, op.now, &catalogue)?;
    guard::insert(&mut op, &opened).await.map_err(|error| {
        if error.is_constraint("one_run_at_a_time") {
            already_open()
        } else {
            error
        }
    })?;
    op.write(id.0, 0, [InvoiceRunEvent::from(opened)])?;
    op.look_up_each().await?;
    let run = guard::lock(&mut op, id).await?;
    super::draft::batch_in_op(&mut op, id, &run, super::BATCH, Ahead::default(), false).await?;
    op.commit(id).await
}

fn already_open() -> UseCaseError {
    Refusal::conflict(
        "run_open",
        "This legal entity has a run that is not over yet: issue it or cancel it first.",
    )
    .into()
}
