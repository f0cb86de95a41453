use super::{WaitlistEnd, WaitlistEnded, WaitlistEntry, WaitlistJoined, WaitlistOffered};
use crate::{
    MemberId, WaitlistEntryId,
    booking::{self, Booked, BookingHeld, Slot, WaitsFor},
    catalogue::Catalogue,
    refusal::Refusal,
};
use jiff::{SignedDuration, Timestamp};

/// How long a freed time is held for whoever is next, or until it would begin.
pub const OFFER: SignedDuration = SignedDuration::from_hours(2);

/// Joins the line for a time that is taken.
///
/// # Errors
/// A resource that is booked by asking; a time that begins now.
pub fn join(
    id: WaitlistEntryId,
    member: MemberId,
    slot: &Slot,
    now: Timestamp,
    catalogue: &Catalogue,
) -> Result<WaitlistJoined, Refusal> {
    booking::check_no_approval(slot, catalogue)?;
    if slot.starts_at <= now {
        return Err(Refusal::field(
            "starts_now",
            "starts_at",
            "That begins now: there is nothing to wait for any more.",
        ));
    }
    Ok(WaitlistJoined {
        entry_id: id,
        member_id: member,
        resource_id: slot.resource.resource_id,
        location_id: slot.resource.location_id,
        starts_at: slot.starts_at,
        ends_at: slot.ends_at,
        blocked_from: slot.blocked_from,
        blocked_until: slot.blocked_until,
        time_zone: slot.time_zone.clone(),
        people: slot.people,
    })
}

/// Holds a time that became free for whoever waits for it. `booked` is the booking that it may become.
///
/// # Errors
/// A time that begins now.
pub fn offer(
    entry: WaitlistEntryId,
    booked: &Booked,
    slot: &Slot,
    now: Timestamp,
) -> Result<(WaitlistOffered, BookingHeld), Refusal> {
    let held = booking::held(booked, slot, WaitsFor::Member, now, OFFER)?;
    let offered = WaitlistOffered {
        entry_id: entry,
        booking_id: held.booking_id,
        expires_at: held.expires_at,
    };
    Ok((offered, held))
}

/// Gives up waiting.
///
/// # Errors
/// When it is over already, or the time is held for her: then the hold is what to give up.
pub fn leave(entry: &WaitlistEntry) -> Result<WaitlistEnded, Refusal> {
    if entry.ended.is_some() {
        return Err(Refusal::conflict("waiting_is_over", "You do not wait for it any more."));
    }
    if let Some(offered) = &entry.offered {
        let sentence = "It became free and is held for you: book it, or give it up on its own page.";
        return Err(Refusal::conflict("held_for_you", sentence).with("booking_id", offered.booking_id.to_string()));
    }
    Ok(WaitlistEnded {
        entry_id: entry.fact.entry_id,
        why: WaitlistEnd::Left,
    })
}
