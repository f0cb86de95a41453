//! Holding a time before it is booked: by a member who has to ask somebody first, or until staff say yes. Nothing is drawn on
//! and nothing charged until then, and the price that was shown is the price or there is no booking.

use super::{Booked, Booking, BookingDeclined, BookingHeld, Held, Slot, WaitsFor, slot};
use crate::{
    Money,
    catalogue::Catalogue,
    local_time,
    refusal::{Faults, Refusal},
    text,
};
use jiff::{SignedDuration, Timestamp};

/// How long staff have to answer, at most: it is over when the booking would begin.
const STAFF_ANSWER: SignedDuration = SignedDuration::from_hours(72);

/// Whether a resource is booked by asking.
pub fn by_approval(slot: &Slot, catalogue: &Catalogue) -> bool {
    catalogue.terms_of(slot.resource.resource_id).approval
}

/// Refuses a booking that a member makes by herself where staff are to be asked.
///
/// # Errors
/// When the resource is booked by asking.
pub fn check_no_approval(slot: &Slot, catalogue: &Catalogue) -> Result<(), Refusal> {
    if by_approval(slot, catalogue) {
        let sentence = format!(
            "{} is booked by asking: send a request for one time, and the house answers.",
            slot.resource.name
        );
        return Err(Refusal::conflict("approval_needed", sentence));
    }
    Ok(())
}

/// Keeps a free time for a member. `booked` is the booking that it may become.
///
/// # Errors
/// A time that begins now; a resource that cannot be held.
pub fn hold(booked: &Booked, slot: &Slot, now: Timestamp, catalogue: &Catalogue) -> Result<BookingHeld, Refusal> {
    let terms = catalogue.terms_of(slot.resource.resource_id);
    let (waits_for, length) = if terms.approval {
        (WaitsFor::Staff, STAFF_ANSWER)
    } else {
        (WaitsFor::Member, SignedDuration::from_mins(terms.hold_minutes.into()))
    };
    if length.is_zero() {
        let sentence = format!(
            "{} cannot be held. Book it: you can still give it back.",
            slot.resource.name
        );
        return Err(Refusal::conflict("no_holds", sentence));
    }
    held(booked, slot, waits_for, now, length)
}

/// Keeps a free time for somebody for so long, or until it would begin.
///
/// # Errors
/// A time that begins now.
pub fn held(
    booked: &Booked,
    slot: &Slot,
    waits_for: WaitsFor,
    now: Timestamp,
    length: SignedDuration,
) -> Result<BookingHeld, Refusal> {
    if slot.starts_at <= now {
        return Err(Refusal::field(
            "starts_now",
            "starts_at",
            "What begins now cannot be held any more; please book it.",
        ));
    }
    let expires_at = now.saturating_add(length).unwrap_or(slot.starts_at);
    let mut as_asked = booked.fact.clone();
    // It is charged when it is booked.
    as_asked.charge_id = None;
    Ok(BookingHeld {
        booking_id: as_asked.booking_id,
        waits_for,
        asked_at: now,
        expires_at: expires_at.min(slot.starts_at),
        as_asked,
    })
}

/// The hold that a word is said about, and its time as it was asked for. What was in time then is in time now.
///
/// # Errors
/// No hold, or one that is over; a house that closes then by now.
pub fn slot_held(booking: &Booking, now: Timestamp, catalogue: &Catalogue) -> Result<(Held, Slot), Refusal> {
    booking.check_live()?;
    let Some(held) = booking.held() else {
        return Err(Refusal::conflict("already_booked", "This booking is made already."));
    };
    if held.waits_for == WaitsFor::Payment {
        let sentence =
            "A visitor is paying for this time. It becomes a booking when she has, and is free when she has not.";
        return Err(Refusal::conflict("waits_for_payment", sentence));
    }
    if now >= held.expires_at {
        return Err(Refusal::conflict(
            "hold_expired",
            "It was held for a time that is over. Please book it anew.",
        ));
    }
    let zone = local_time::zone(&booking.fact.time_zone)?;
    let wall = |at: Timestamp| zone.to_datetime(at);
    let (start, end) = (wall(booking.fact.starts_at), wall(booking.fact.ends_at));
    let slot = slot(booking.fact.resource_id, start, end, held.asked_at, catalogue)?;
    Ok((held.clone(), slot.for_people(booking.fact.people)?))
}

/// Refuses a booking that would cost something else than what was agreed to.
///
/// # Errors
/// Another price.
pub fn check_agreed(agreed: Option<Money>, charged: Money) -> Result<(), Refusal> {
    match agreed {
        Some(agreed) if agreed != charged => {
            let sentence = format!("The price changed meanwhile: it is {charged} now.");
            Err(Refusal::conflict("price_changed", sentence).with("charged_minor", charged.minor))
        }
        _ => Ok(()),
    }
}

/// Says no to a booking that was asked for.
///
/// # Errors
/// No request that is still open; no reason.
pub fn decline(booking: &Booking, reason: &str) -> Result<BookingDeclined, Refusal> {
    booking.check_live()?;
    if booking.held().is_none_or(|held| held.waits_for != WaitsFor::Staff) {
        return Err(Refusal::conflict("nothing_asked", "Nobody asks for this booking."));
    }
    let mut faults = Faults::default();
    let reason = match text::name(reason) {
        Ok(reason) => reason,
        Err(message) => {
            faults.add("reason", message);
            String::new()
        }
    };
    faults.finish()?;
    Ok(BookingDeclined {
        booking_id: booking.fact.booking_id,
        member_id: booking.fact.member_id,
        reason,
    })
}
