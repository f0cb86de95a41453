//! Opening locations.

use crate::{App, Caller, Operation, Outcome, Start, access};
use coterie_domain::{
    LegalEntityId, LocationId,
    location::{self, LocationEvent, NewLocation},
};

/// # Errors
/// Unknown legal entity, faulty fields; operators only.
pub async fn open(app: &App, caller: &Caller, entity: LegalEntityId, new: NewLocation) -> Outcome<LocationId> {
    access::operates(caller)?;
    let mut op = match Operation::begin(app, caller).await? {
        Start::Fresh(op) => op,
        Start::Replay(done) => return Ok(done),
    };
    let catalogue = op.catalogue_to_change().await?;
    let id = LocationId(op.new_id());
    let opened = location::open(id, entity, &new, &catalogue)?;
    op.write(id.0, 0, [LocationEvent::from(opened)])?;
    op.commit(id).await
}
