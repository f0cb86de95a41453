use crate::{App, Caller, Operation, Outcome, Start, access};
use coterie_domain::{
    ResourceId,
    resource::{self, NewPosition, ResourceEvent},
};

/// Puts a resource on the plan of a floor, or takes it off.
///
/// # Errors
/// An unknown resource or floor, faulty fields; operators only.
pub async fn place(app: &App, caller: &Caller, id: ResourceId, new: Option<NewPosition>) -> Outcome<ResourceId> {
    access::operates(caller)?;
    let mut op = match Operation::begin(app, caller).await? {
        Start::Fresh(op) => op,
        Start::Replay(done) => return Ok(done),
    };
    let catalogue = op.catalogue_to_change().await?;
    let placed = resource::place(id, new, &catalogue)?;
    if placed.position.as_ref() != catalogue.positions.get(&id) {
        let version = op.version_of(id.0).await?;
        op.write(id.0, version, [ResourceEvent::from(placed)])?;
    }
    op.commit(id).await
}
