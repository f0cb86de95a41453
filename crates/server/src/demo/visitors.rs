//! One room of each house is open to visitors, who book it without an account and pay for it at the simulator.

use super::DemoError;
use super::error::doing;
use coterie_app::{App, Caller, catalogue, resource};
use coterie_domain::resource::NewTerms;

pub(super) async fn let_in(app: &App, owner: &Caller) -> Result<(), DemoError> {
    let known = catalogue::read(app, owner.tenant)
        .await
        .map_err(doing("reading the catalogue"))?;
    for location in known.locations.keys() {
        // Rooms hold several people, desks and booths one.
        let rooms = known
            .resources
            .values()
            .filter(|room| room.location_id == *location && room.capacity > 1);
        let Some(first) = rooms.min_by_key(|room| (&room.name, room.resource_id)) else {
            continue;
        };
        let terms = NewTerms {
            visitors: true,
            ..NewTerms::from(known.terms_of(first.resource_id))
        };
        resource::set_terms(app, owner, first.resource_id, terms)
            .await
            .map_err(doing("opening a room to visitors"))?;
    }
    Ok(())
}
