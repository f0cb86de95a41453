use crate::{App, Caller, Operation, Outcome, Start, access};
use coterie_domain::{
    AddOnId,
    add_on::{self, AddOnEvent},
};

/// Takes an add-on off the offer; memberships that have it keep it.
///
/// # Errors
/// An unknown add-on, or one that is withdrawn already; operators only.
pub async fn withdraw(app: &App, caller: &Caller, id: AddOnId) -> Outcome<AddOnId> {
    access::operates(caller)?;
    let mut op = match Operation::begin(app, caller).await? {
        Start::Fresh(op) => op,
        Start::Replay(done) => return Ok(done),
    };
    let catalogue = op.catalogue_to_change().await?;
    let withdrawn = add_on::withdraw(id, &catalogue)?;
    op.write(id.0, 1, [AddOnEvent::from(withdrawn)])?;
    op.commit(id).await
}
