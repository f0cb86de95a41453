use crate::{App, Caller, Operation, Outcome, Start, access};
use coterie_domain::{
    AddOnId,
    add_on::{self, AddOnEvent, NewAddOn},
};

/// Defines an add-on of a legal entity.
///
/// # Errors
/// Faulty fields, an unknown legal entity, a name that is taken; operators only.
pub async fn define(app: &App, caller: &Caller, new: &NewAddOn) -> Outcome<AddOnId> {
    access::operates(caller)?;
    let mut op = match Operation::begin(app, caller).await? {
        Start::Fresh(op) => op,
        Start::Replay(done) => return Ok(done),
    };
    let catalogue = op.catalogue_to_change().await?;
    let id = AddOnId(op.new_id());
    let defined = add_on::define(id, new, &catalogue)?;
    op.write(id.0, 0, [AddOnEvent::from(defined)])?;
    op.commit(id).await
}
