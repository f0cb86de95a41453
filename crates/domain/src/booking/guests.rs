//! Guests of a booking: people without an account, who are asked by email.

use super::{Booking, GuestInvited, GuestUninvited};
use crate::{
    GuestId,
    catalogue::Catalogue,
    refusal::{Faults, Refusal},
    text,
};
use jiff::Timestamp;

fn check_ahead(booking: &Booking, now: Timestamp) -> Result<(), Refusal> {
    booking.check_live()?;
    if booking.held().is_some() {
        let sentence = "This time is only held. Book it first, then invite.";
        return Err(Refusal::conflict("only_held", sentence));
    }
    if now >= booking.fact.ends_at {
        return Err(Refusal::conflict("already_over", "This booking is over."));
    }
    Ok(())
}

/// Asks somebody to come too.
///
/// # Errors
/// A booking that is not made or over; more people than the resource holds, whoever booked it included; faulty fields; an
/// address that was asked already.
pub fn invite(
    booking: &Booking,
    id: GuestId,
    name: &str,
    email: &str,
    now: Timestamp,
    catalogue: &Catalogue,
) -> Result<GuestInvited, Refusal> {
    check_ahead(booking, now)?;
    let mut faults = Faults::default();
    let mut checked = |field: &'static str, text: Result<String, String>| match text {
        Ok(text) => text,
        Err(message) => {
            faults.add(field, message);
            String::new()
        }
    };
    let (name, email) = (checked("name", text::name(name)), checked("email", text::email(email)));
    faults.check(
        booking.guests.iter().all(|guest| guest.email != email),
        "email",
        "This address was asked already.",
    );
    faults.finish()?;
    let resource = catalogue.resource(booking.fact.resource_id)?;
    let people = i32::try_from(booking.guests.len())
        .unwrap_or(i32::MAX)
        .saturating_add(2);
    if people > resource.capacity {
        let sentence = format!(
            "{} holds {} people, whoever booked it included.",
            resource.name, resource.capacity
        );
        return Err(Refusal::conflict("too_many_people", sentence));
    }
    Ok(GuestInvited {
        booking_id: booking.fact.booking_id,
        guest_id: id,
        member_id: booking.fact.member_id,
        name,
        email,
    })
}

/// Takes an invitation back.
///
/// # Errors
/// A booking that does not stand or is over; nobody of this id.
pub fn uninvite(booking: &Booking, id: GuestId, now: Timestamp) -> Result<GuestUninvited, Refusal> {
    check_ahead(booking, now)?;
    if booking.guests.iter().all(|guest| guest.guest_id != id) {
        return Err(Refusal::conflict("not_invited", "This guest is not invited any more."));
    }
    Ok(GuestUninvited {
        booking_id: booking.fact.booking_id,
        guest_id: id,
    })
}
