use crate::{App, Caller, Operation, UseCaseError};
use coterie_domain::{
    LocationId, PlanVersionId, local_time,
    membership::{self, Quote},
};
use jiff::civil::Date;

/// What starting a plan at a location would cost; `start` defaults to today there.
///
/// # Errors
/// Unknown plan or location, a plan not offered there, no tax rate.
pub async fn quote(
    app: &App,
    caller: &Caller,
    version: PlanVersionId,
    location: LocationId,
    start: Option<Date>,
) -> Result<Quote, UseCaseError> {
    let mut op = Operation::open(app, caller).await?;
    let catalogue = op.catalogue().await?;
    let today = local_time::day_at(op.now, &catalogue.zone_of(location)?);
    Ok(membership::quote(
        version,
        location,
        start.unwrap_or(today),
        &catalogue,
    )?)
}
