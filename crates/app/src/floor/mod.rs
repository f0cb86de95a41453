//! Floors of a location and their plans. What a plan looks like is kept beside the log, by the digest that the log has.

mod plan;

pub use plan::{MAX_BYTES as MAX_PLAN_BYTES, Plan, WIDTH as PLAN_WIDTH};

use crate::{
    App, Caller, Operation, Outcome, Start, UseCaseError, access,
    picture::{self, Picture},
};
use coterie_domain::{
    FloorId, LocationId,
    floor::{self, FloorEvent, NewFloor},
};
use uuid::Uuid;

const MEDIA_TYPE: &str = "image/svg+xml";

/// # Errors
/// An unknown location, faulty fields; operators only.
pub async fn add(app: &App, caller: &Caller, location: LocationId, new: NewFloor) -> Outcome<FloorId> {
    access::operates(caller)?;
    let mut op = match Operation::begin(app, caller).await? {
        Start::Fresh(op) => op,
        Start::Replay(done) => return Ok(done),
    };
    let catalogue = op.catalogue_to_change().await?;
    let id = FloorId(op.new_id());
    let added = floor::add(id, location, &new, &catalogue)?;
    op.write(id.0, 0, [FloorEvent::from(added)])?;
    op.commit(id).await
}

/// Gives a floor another name or level.
///
/// # Errors
/// An unknown floor, faulty fields; operators only.
pub async fn rename(app: &App, caller: &Caller, id: FloorId, new: NewFloor) -> Outcome<FloorId> {
    access::operates(caller)?;
    let mut op = match Operation::begin(app, caller).await? {
        Start::Fresh(op) => op,
        Start::Replay(done) => return Ok(done),
    };
    let catalogue = op.catalogue_to_change().await?;
    let renamed = floor::rename(id, &new, &catalogue)?;
    let version = op.version_of(id.0).await?;
    op.write(id.0, version, [FloorEvent::from(renamed)])?;
    op.commit(id).await
}

/// Gives a floor a plan, in the place of the one it had. Of the drawing only what is known to draw is kept.
///
/// # Errors
/// An unknown floor, a drawing that is no plan; operators only.
pub async fn set_plan(app: &App, caller: &Caller, id: FloorId, drawing: &[u8]) -> Outcome<FloorId> {
    access::operates(caller)?;
    let mut op = match Operation::begin(app, caller).await? {
        Start::Fresh(op) => op,
        Start::Replay(done) => return Ok(done),
    };
    let catalogue = op.catalogue_to_change().await?;
    catalogue.floor(id)?;
    let plan = Plan::read(drawing)?;
    let set = floor::set_plan(id, &plan.sha256(), plan.height_per_mille(), &catalogue)?;
    let version = op.version_of(id.0).await?;
    picture::keep_in_op(&mut op, id.0, MEDIA_TYPE, &set.sha256, plan.svg().as_bytes()).await?;
    op.write(id.0, version, [FloorEvent::from(set)])?;
    op.commit(id).await
}

/// The plan of a floor as it is shown; `None` for an unknown floor or one that has none.
///
/// # Errors
/// When the database fails, or what is kept is not what the log names.
pub async fn plan_of(app: &App, tenant: Uuid, id: FloorId) -> Result<Option<Picture>, UseCaseError> {
    let catalogue = crate::catalogue::read(app, tenant).await?;
    let Some(plan) = catalogue.floors.get(&id).and_then(|floor| floor.plan.as_ref()) else {
        return Ok(None);
    };
    picture::read(app, tenant, id.0, &plan.sha256).await
}
