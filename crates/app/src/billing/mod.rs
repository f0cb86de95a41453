//! How documents to a payer are addressed, and how she is taxed.

mod choose_tax;

pub use choose_tax::{ChooseTax, choose_tax};

use crate::{App, Caller, Operation, Outcome, Start, UseCaseError, access, company, member, read};
use coterie_domain::{
    Payer, Refusal,
    billing::{self, Billing, BillingEvent, NewBillingDetails},
};
use uuid::Uuid;

/// Says it anew; documents that were issued stay as they are.
///
/// # Errors
/// `NotFound` for an unknown payer, another member's or a company that she does not manage; faulty fields.
pub async fn set(app: &App, caller: &Caller, payer: Payer, new: &NewBillingDetails) -> Outcome<()> {
    if let Payer::Member(id) = payer {
        access::acts_for(caller, id)?;
    }
    let mut op = match Operation::begin(app, caller).await? {
        Start::Fresh(op) => op,
        Start::Replay(done) => return Ok(done),
    };
    if let Payer::Company(id) = payer {
        company::acts_for_in_op(&mut op, id).await?;
    }
    let registered = registered_tax_id(&mut op, payer).await?;
    let fact = billing::set(payer, new)?;
    let stream = billing::stream(payer);
    let version = op.version_of(stream).await?;
    let tax_id = if fact.tax_id.is_empty() {
        &registered
    } else {
        &fact.tax_id
    };
    check_tax_stands(&mut op, payer, tax_id).await?;
    op.write(stream, version, [BillingEvent::from(fact)])?;
    op.commit(()).await
}

/// The tax number that a payer gave when she came; where the documents say no other, it is hers.
///
/// # Errors
/// `NotFound` for an unknown payer.
async fn registered_tax_id(op: &mut Operation, payer: Payer) -> Result<String, UseCaseError> {
    Ok(match payer {
        Payer::Member(id) => {
            member::load(op, id).await?;
            String::new()
        }
        Payer::Company(id) => company::load(op, id).await?.0.fact.tax_id,
    })
}

/// Where somebody chose reverse charge, it stands on her VAT id: that cannot go away under it.
async fn check_tax_stands(op: &mut Operation, payer: Payer, tax_id: &str) -> Result<(), UseCaseError> {
    let known = load(op, payer).await?;
    let catalogue = op.catalogue().await?;
    for (entity, choices) in &known.tax {
        let entity = &catalogue.legal_entity(*entity)?.fact;
        for said in &choices.0 {
            if let Err((_, sentence)) = billing::check_reverse_charge(&said.choice, tax_id, entity) {
                return Err(Refusal::field("tax_id_in_use", "tax_id", sentence).into());
            }
        }
    }
    Ok(())
}

/// What is known of a payer's documents.
///
/// # Errors
/// When the database fails or an event cannot be read.
pub async fn load(op: &mut Operation, payer: Payer) -> Result<Billing, UseCaseError> {
    let loaded = op
        .load::<BillingEvent, Billing>(billing::stream(payer), Billing::evolve)
        .await?;
    Ok(loaded.map(|(billing, _)| billing).unwrap_or_default())
}

/// The same for a page. It is read from the log itself and so never lags.
///
/// # Errors
/// When the database fails or an event cannot be read.
pub async fn find(app: &App, tenant: Uuid, payer: Payer) -> Result<Billing, UseCaseError> {
    let mut tx = read::begin(app, tenant).await?;
    let stream = billing::stream(payer);
    let mut events = coterie_eventlog::read_stream(&mut tx, tenant, stream, 0, crate::operation::STREAM_LIMIT).await?;
    app.config.keys.open_in_op(&mut tx, tenant, &mut events).await?;
    let mut state = None;
    for event in &events {
        state = Billing::evolve(state, crate::operation::decode(event)?);
    }
    Ok(state.unwrap_or_default())
}

/// The same of a payer that there is.
///
/// # Errors
/// `NotFound` for an unknown payer; staff only; whatever the database says.
pub async fn of_known(app: &App, caller: &Caller, payer: Payer) -> Result<Billing, UseCaseError> {
    access::operates(caller)?;
    let mut op = Operation::open(app, caller).await?;
    registered_tax_id(&mut op, payer).await?;
    load(&mut op, payer).await
}
