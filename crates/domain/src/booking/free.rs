//! Where a resource is free: what a refusal offers instead.

use super::Slot;
use crate::{catalogue::Catalogue, local_time};
use jiff::{Timestamp, ToSpan, civil::DateTime};

/// How far a refusal looks for an alternative.
const LOOK_AHEAD_DAYS: i64 = 14;

/// The first start after the wanted one at which a slot of the same length fits, given the blocked times of the resource
/// (buffers included), as wall time at the location. Buffers add up: the candidate brings its own.
pub fn next_free(
    slot: &Slot,
    blocked: &[(Timestamp, Timestamp)],
    catalogue: &Catalogue,
) -> Option<(DateTime, DateTime)> {
    let location = catalogue.location(slot.resource.location_id).ok()?;
    let zone = local_time::zone(&slot.time_zone).ok()?;
    let before = slot.starts_at.duration_since(slot.blocked_from);
    let after = slot.blocked_until.duration_since(slot.ends_at);
    let step = i64::from(slot.resource.step_minutes.max(5));
    let last = slot.starts_at.checked_add((LOOK_AHEAD_DAYS * 24).hours()).ok()?;
    let mut start = slot.starts_at;
    while start < last {
        start = start.checked_add(step.minutes()).ok()?;
        let end = start.checked_add(slot.minutes.minutes()).ok()?;
        let (from, until) = (start.checked_sub(before).ok()?, end.checked_add(after).ok()?);
        let (wall_start, wall_end) = (zone.to_datetime(start), zone.to_datetime(end));
        // The second pass of a doubled hour has no wall time of its own: asked for, it would be taken as the first.
        let named = [(wall_start, start), (wall_end, end)]
            .iter()
            .all(|(wall, instant)| local_time::instant("starts_at", *wall, &zone).is_ok_and(|read| read == *instant));
        let clear = blocked
            .iter()
            .all(|(busy_from, busy_until)| until <= *busy_from || *busy_until <= from);
        if clear && named && catalogue.check_open(location.location_id, wall_start, wall_end).is_ok() {
            return Some((wall_start, wall_end));
        }
    }
    None
}
