use crate::{App, Caller, Operation, UseCaseError, access, billing, company};
use coterie_domain::{
    LocationId, MemberId, PlanVersionId,
    billing::TaxChoices,
    local_time,
    membership::{self, Quote},
};
use jiff::civil::Date;

/// What starting a plan at a location would cost, a member where one is named, and else whom nobody chose anything for; `start`
/// defaults to today there.
///
/// # Errors
/// Unknown plan or location, a plan not offered there, no tax rate; another member.
pub async fn quote(
    app: &App,
    caller: &Caller,
    member: Option<MemberId>,
    version: PlanVersionId,
    location: LocationId,
    start: Option<Date>,
) -> Result<Quote, UseCaseError> {
    let mut op = Operation::open(app, caller).await?;
    let catalogue = op.catalogue().await?;
    let today = local_time::day_at(op.now, &catalogue.zone_of(location)?);
    let choices = match member {
        Some(id) => {
            access::acts_for(caller, id)?;
            let payer = company::payer_of(&mut op, id).await?;
            let entity = catalogue.plan_version(version)?.legal_entity_id;
            billing::load(&mut op, payer).await?.tax_with(entity)
        }
        None => TaxChoices::default(),
    };
    Ok(membership::quote_for(
        version,
        location,
        start.unwrap_or(today),
        &choices,
        &catalogue,
    )?)
}
