//! How documents to a payer are addressed.

use crate::{App, Caller, Operation, Outcome, Start, UseCaseError, access, company, member, read};
use coterie_domain::{
    Payer,
    billing::{self, BillingDetailsSet, BillingEvent, NewBillingDetails},
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
    match payer {
        Payer::Member(id) => drop(member::load(&mut op, id).await?),
        Payer::Company(id) => {
            company::acts_for_in_op(&mut op, id).await?;
            company::load(&mut op, id).await?;
        }
    }
    let fact = billing::set(payer, new)?;
    let stream = billing::stream(payer);
    let version = op.version_of(stream).await?;
    op.write(stream, version, [BillingEvent::from(fact)])?;
    op.commit(()).await
}

/// What a payer said last, if she ever did.
///
/// # Errors
/// When the database fails or an event cannot be read.
pub async fn load(op: &mut Operation, payer: Payer) -> Result<Option<BillingDetailsSet>, UseCaseError> {
    let loaded = op
        .load::<BillingEvent, BillingDetailsSet>(billing::stream(payer), |_, event| {
            let BillingEvent::BillingDetailsSet(fact) = event;
            Some(fact)
        })
        .await?;
    Ok(loaded.map(|(fact, _)| fact))
}

/// The same for a page. It is read from the log itself and so never lags.
///
/// # Errors
/// When the database fails or an event cannot be read.
pub async fn find(app: &App, tenant: Uuid, payer: Payer) -> Result<Option<BillingDetailsSet>, UseCaseError> {
    let mut tx = read::begin(app, tenant).await?;
    let mut events = coterie_eventlog::read_stream(
        &mut tx,
        tenant,
        billing::stream(payer),
        0,
        crate::operation::STREAM_LIMIT,
    )
    .await?;
    app.config.keys.open_in_op(&mut tx, tenant, &mut events).await?;
    let Some(last) = events.last() else { return Ok(None) };
    let BillingEvent::BillingDetailsSet(fact) = crate::operation::decode(last)?;
    Ok(Some(fact))
}
