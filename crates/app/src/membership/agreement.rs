use crate::{App, UseCaseError, operation::decode, read};
use coterie_domain::{MembershipId, membership::Membership};
use uuid::Uuid;

/// The most events that are read of one.
const MOST: i64 = 10_000;

/// A membership as its events say it is, for pages that show more of it than its row has; it never lags. `None` where the
/// organization has none under this id.
///
/// # Errors
/// When the database fails or an event cannot be read.
pub async fn agreement(app: &App, tenant: Uuid, id: MembershipId) -> Result<Option<Membership>, UseCaseError> {
    let mut tx = read::begin(app, tenant).await?;
    let events = coterie_eventlog::read_stream(&mut tx, tenant, id.0, 0, MOST).await?;
    let mut state = None;
    for event in events.iter().filter(|event| event.category == "membership") {
        state = Membership::evolve(state, decode(event)?);
    }
    Ok(state)
}
