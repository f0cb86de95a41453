//! Announced price changes: look, announce, tell each membership, call off. Every step is one bounded transaction, so that one that
//! is killed leaves either all of it or nothing, and the next goes on where the rows stand.

mod advance;
mod announce;
mod call_off;
mod guard;
pub mod page;
mod preview;

pub use advance::*;
pub use announce::*;
pub use call_off::*;
pub(crate) use guard::release_one_in_op;
pub use preview::*;

use crate::{Operation, UseCaseError, operation::decode};
use coterie_domain::{
    PriceChangeId,
    membership::{Membership, MembershipEvent},
    price_change::{PriceChangeAnnounced, PriceChangeEvent},
};
use std::collections::BTreeMap;
use uuid::Uuid;

/// What was announced: the first event of its stream.
///
/// # Errors
/// `NotFound` for an unknown one; when the database fails.
pub async fn announced(op: &mut Operation, id: PriceChangeId) -> Result<PriceChangeAnnounced, UseCaseError> {
    let tenant = op.tenant();
    let events = coterie_eventlog::read_stream(op.conn(), tenant, id.0, 0, 1).await?;
    let first = events.first().filter(|event| event.category == "price_change");
    match decode::<PriceChangeEvent>(first.ok_or(UseCaseError::NotFound)?)? {
        PriceChangeEvent::PriceChangeAnnounced(fact) => Ok(fact),
        _ => Err(UseCaseError::NotFound),
    }
}

/// Memberships with the versions of their streams, all read with one query; who is none is not among them.
async fn memberships(op: &mut Operation, ids: &[Uuid]) -> Result<BTreeMap<Uuid, (Membership, i64)>, UseCaseError> {
    if ids.is_empty() {
        return Ok(BTreeMap::new());
    }
    let events = op.read_unnamed(ids).await?;
    let mut found: BTreeMap<Uuid, (Membership, i64)> = BTreeMap::new();
    for event in events.iter().filter(|event| event.category == "membership") {
        let before = found.remove(&event.stream_id).map(|(membership, _)| membership);
        if let Some(now) = Membership::evolve(before, decode::<MembershipEvent>(event)?) {
            found.insert(event.stream_id, (now, event.version));
        }
    }
    Ok(found)
}
