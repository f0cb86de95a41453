use super::{load, registered_tax_id};
use crate::{App, Caller, Operation, Outcome, Start, access, trouble};
use coterie_domain::{
    LegalEntityId, Payer,
    billing::{self, BillingEvent, NewTaxChoice},
    local_time,
};
use jiff::civil::Date;

/// How a payer is to be taxed by a legal entity.
#[derive(Debug, Clone)]
pub struct ChooseTax {
    pub payer: Payer,
    pub legal_entity_id: LegalEntityId,
    pub new: NewTaxChoice,
    /// The first day of supply it counts for; today unless said.
    pub from: Option<Date>,
}

/// Chooses how what is supplied to a payer from a day on is taxed. Nothing of it is ever found out by the house; documents that were
/// issued stay as they are.
///
/// # Errors
/// `NotFound` for an unknown payer or legal entity; what cannot be chosen for her; staff only.
pub async fn choose_tax(app: &App, caller: &Caller, command: &ChooseTax) -> Outcome<()> {
    access::operates(caller)?;
    trouble::carry_out(app, caller, || once(app, caller, command)).await
}

async fn once(app: &App, caller: &Caller, command: &ChooseTax) -> Outcome<()> {
    let mut op = match Operation::begin(app, caller).await? {
        Start::Fresh(op) => op,
        Start::Replay(done) => return Ok(done),
    };
    let catalogue = op.catalogue().await?;
    let entity = &catalogue.legal_entity(command.legal_entity_id)?.fact;
    let today = local_time::day_at(op.now, &local_time::zone(&entity.time_zone)?);
    let registered = registered_tax_id(&mut op, command.payer).await?;
    let known = load(&mut op, command.payer).await?;
    let tax_id = known.details.map(|said| said.tax_id).filter(|said| !said.is_empty());
    let fact = billing::choose_tax(
        command.payer,
        &tax_id.unwrap_or(registered),
        &command.new,
        command.from.unwrap_or(today),
        entity,
    )?;
    let stream = billing::stream(command.payer);
    let version = op.version_of(stream).await?;
    op.write(stream, version, [BillingEvent::from(fact)])?;
    op.commit(()).await
}
