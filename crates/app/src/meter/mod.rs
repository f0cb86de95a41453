//! Meters: catalogue items that are counted.

use crate::{App, Caller, Operation, Outcome, Start, access};
use coterie_domain::{
    MeterId,
    meter::{self, MeterEvent, NewMeter},
};

/// Defines a meter of a legal entity.
///
/// # Errors
/// Faulty fields, an unknown legal entity, a name that is taken; operators only.
pub async fn define(app: &App, caller: &Caller, new: &NewMeter) -> Outcome<MeterId> {
    access::operates(caller)?;
    let mut op = match Operation::begin(app, caller).await? {
        Start::Fresh(op) => op,
        Start::Replay(done) => return Ok(done),
    };
    let catalogue = op.catalogue_to_change().await?;
    let id = MeterId(op.new_id());
    let defined = meter::define(id, new, &catalogue)?;
    op.write(id.0, 0, [MeterEvent::from(defined)])?;
    op.commit(id).await
}
