use super::{Blocker, BlockerLifted, BlockerPlaced};
use crate::{
    BlockerId, ResourceId,
    catalogue::Catalogue,
    local_time,
    refusal::{Faults, Refusal},
    text,
};
use jiff::{Timestamp, civil::DateTime};

/// The longest one, in days.
const MAX_DAYS: i64 = 366;

/// Takes a resource out of service for a time, given on the wall of its house. Opening hours do not matter to it.
///
/// # Errors
/// An unknown resource, or all faulty fields at once; a wall time that does not exist.
pub fn place(
    id: BlockerId,
    resource: ResourceId,
    (start, end): (DateTime, DateTime),
    reason: &str,
    now: Timestamp,
    catalogue: &Catalogue,
) -> Result<BlockerPlaced, Refusal> {
    let resource = catalogue.resource(resource)?;
    let location = catalogue.location(resource.location_id)?;
    let zone = local_time::zone(&location.time_zone)?;
    let starts_at = local_time::instant("starts_at", start, &zone)?;
    let ends_at = local_time::instant("ends_at", end, &zone)?;
    let mut faults = Faults::default();
    let reason = text::name(reason)
        .map_err(|message| faults.add("reason", message))
        .unwrap_or_default();
    faults.check(starts_at < ends_at, "ends_at", "It must end after it starts.");
    faults.check(
        starts_at >= ends_at || now < ends_at,
        "ends_at",
        "That time has passed; please choose a later one.",
    );
    faults.check(
        ends_at.as_second() - starts_at.as_second() <= MAX_DAYS * 86_400,
        "ends_at",
        "It lasts a year at most.",
    );
    faults.finish()?;
    Ok(BlockerPlaced {
        blocker_id: id,
        resource_id: resource.resource_id,
        location_id: resource.location_id,
        starts_at,
        ends_at,
        time_zone: location.time_zone.clone(),
        reason,
    })
}

/// # Errors
/// When it was lifted before.
pub fn lift(blocker: &Blocker) -> Result<BlockerLifted, Refusal> {
    if blocker.lifted {
        return Err(Refusal::conflict("already_lifted", "It can be booked again already."));
    }
    Ok(BlockerLifted {
        blocker_id: blocker.fact.blocker_id,
    })
}
