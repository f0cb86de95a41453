//! Opening locations, their hours and terms, and the days on which they are closed.

mod calendar;
mod close;

pub use close::{Closed, NewClosure, close, import_closures};

use crate::{App, Caller, Operation, Outcome, Start, UseCaseError, access};
use coterie_domain::{
    ClosureId, LegalEntityId, LocationId, Refusal,
    catalogue::Catalogue,
    location::{self, CancellationStep, LocationEvent, NewDayPasses, NewLocation},
};
use serde::{Serialize, de::DeserializeOwned};

/// # Errors
/// Unknown legal entity, faulty fields; operators only.
pub async fn open(app: &App, caller: &Caller, entity: LegalEntityId, new: NewLocation) -> Outcome<LocationId> {
    access::operates(caller)?;
    let mut op = match Operation::begin(app, caller).await? {
        Start::Fresh(op) => op,
        Start::Replay(done) => return Ok(done),
    };
    let catalogue = op.catalogue_to_change().await?;
    let id = open_in_op(&mut op, &catalogue, entity, &new)?;
    op.commit(id).await
}

/// # Errors
/// Unknown legal entity, faulty fields.
pub(crate) fn open_in_op(
    op: &mut Operation,
    catalogue: &Catalogue,
    entity: LegalEntityId,
    new: &NewLocation,
) -> Result<LocationId, UseCaseError> {
    let id = LocationId(op.new_id());
    let opened = location::open(id, entity, new, catalogue)?;
    op.write(id.0, 0, [LocationEvent::from(opened)])?;
    Ok(id)
}

/// Sets a location's opening hours from now on.
///
/// # Errors
/// An unknown location, hours that cannot be read; operators only.
pub async fn set_hours(app: &App, caller: &Caller, id: LocationId, hours: &str) -> Outcome<LocationId> {
    change(app, caller, id, |catalogue| {
        location::set_hours(id, hours, catalogue).map(|fact| (LocationEvent::from(fact), id))
    })
    .await
}

/// Says what a location has.
///
/// # Errors
/// An unknown location, too many words or one that is none; operators only.
pub async fn set_amenities(app: &App, caller: &Caller, id: LocationId, amenities: &[String]) -> Outcome<LocationId> {
    change(app, caller, id, |catalogue| {
        location::set_amenities(id, amenities, catalogue).map(|fact| (LocationEvent::from(fact), id))
    })
    .await
}

/// Sets what cancelling costs of bookings made from now on.
///
/// # Errors
/// An unknown location, steps that contradict each other; operators only.
pub async fn set_cancellation(
    app: &App,
    caller: &Caller,
    id: LocationId,
    steps: &[CancellationStep],
) -> Outcome<LocationId> {
    change(app, caller, id, |catalogue| {
        location::set_cancellation(id, steps, catalogue).map(|fact| (LocationEvent::from(fact), id))
    })
    .await
}

/// Sets what a location sells of day passes from now on.
///
/// # Errors
/// An unknown location, another currency than its legal entity's, faulty fields; operators only.
pub async fn set_day_passes(app: &App, caller: &Caller, id: LocationId, new: &NewDayPasses) -> Outcome<LocationId> {
    change(app, caller, id, |catalogue| {
        location::set_day_passes(id, new, catalogue).map(|fact| (LocationEvent::from(fact), id))
    })
    .await
}

/// Opens a location again on the days of a closure.
///
/// # Errors
/// An unknown location or closure; operators only.
pub async fn lift_closure(app: &App, caller: &Caller, id: LocationId, closure: ClosureId) -> Outcome<ClosureId> {
    change(app, caller, id, |catalogue| {
        location::lift(closure, id, catalogue).map(|fact| (LocationEvent::from(fact), closure))
    })
    .await
}

/// One event of one location.
async fn change<T: Serialize + DeserializeOwned>(
    app: &App,
    caller: &Caller,
    id: LocationId,
    decide: impl FnOnce(&Catalogue) -> Result<(LocationEvent, T), Refusal>,
) -> Outcome<T> {
    access::operates(caller)?;
    let mut op = match Operation::begin(app, caller).await? {
        Start::Fresh(op) => op,
        Start::Replay(done) => return Ok(done),
    };
    let catalogue = op.catalogue_to_change().await?;
    let (event, outcome) = decide(&catalogue)?;
    let version = op.version_of(id.0).await?;
    op.write(id.0, version, [event])?;
    op.commit(outcome).await
}
