//! Moving a booking: another time or another resource, priced anew as if it were booked now. What it drew on comes back first,
//! so that nobody pays twice for one hour.

use super::{Booked, Booking, BookingMoved, Price, Slot, confirm, percent_due, slot};
use crate::{
    ChargeId, ResourceId,
    catalogue::Catalogue,
    charge::ChargeMade,
    credit::{self, CreditUse, Lot, MoneyUse},
    member::Member,
    membership::Membership,
    refusal::Refusal,
};
use jiff::{Timestamp, civil::DateTime};

/// What moving makes.
#[derive(Debug, Clone, PartialEq)]
pub struct Moved {
    pub fact: BookingMoved,
    pub charge: Option<ChargeMade>,
    pub price: Price,
}

/// Checks that a booking may be moved, and resolves the time that is wanted for it. As many come as did, where nobody says
/// how many.
///
/// # Errors
/// It is cancelled, invoiced or over; in the time in which cancelling costs something it may only be made longer.
pub fn slot_to_move(
    booking: &Booking,
    invoiced: bool,
    (resource, start, end): (ResourceId, DateTime, DateTime),
    people: Option<i32>,
    now: Timestamp,
    catalogue: &Catalogue,
) -> Result<Slot, Refusal> {
    let fact = &booking.fact;
    booking.check_live()?;
    if booking.held().is_some() {
        return Err(Refusal::conflict(
            "only_held",
            "This time is only held. Book it first, or give it up and take another.",
        ));
    }
    if now >= fact.ends_at {
        return Err(Refusal::conflict("already_over", "This booking is over."));
    }
    if invoiced {
        return Err(Refusal::conflict(
            "already_invoiced",
            "This booking stands on an invoice already, so its price cannot change any more.",
        ));
    }
    // One that goes on from where it began is not asked to begin in the future again.
    let not_before = now.min(fact.starts_at);
    let wanted = slot(resource, start, end, not_before, catalogue)?.for_people(people.or(fact.people))?;
    let longer = wanted.resource.resource_id == fact.resource_id
        && wanted.starts_at <= fact.starts_at
        && wanted.ends_at >= fact.ends_at;
    let begun = now >= fact.starts_at;
    if begun && !(longer && wanted.starts_at == fact.starts_at) {
        return Err(Refusal::conflict(
            "already_begun",
            "This booking has begun; it can only be extended.",
        ));
    }
    if wanted.starts_at < now && wanted.starts_at != fact.starts_at {
        return Err(Refusal::field(
            "starts_in_the_past",
            "starts_at",
            "That time has passed; please choose a later one.",
        ));
    }
    let due = percent_due(
        fact.location_id,
        (fact.starts_at, fact.ends_at),
        fact.catalogue_position,
        now,
        catalogue,
    )?;
    if due > 0 && !longer {
        let sentence = format!(
            "It is too late to move this booking: cancelling it now would leave {due} % due. It can still be made longer."
        );
        return Err(Refusal::conflict("too_late_to_move", sentence));
    }
    Ok(wanted)
}

/// The lots that a moved booking may draw on: what it holds is in them again.
pub fn given_back(lots: &[Lot], uses: &[CreditUse], money: &[MoneyUse]) -> Vec<Lot> {
    let parts = credit::parts(uses, money);
    let held = |lot: &Lot| {
        let of = parts.iter().filter(|(id, _)| *id == lot.lot_id);
        of.map(|(_, amount)| amount).sum::<i64>()
    };
    lots.iter()
        .map(|lot| Lot {
            left: lot.left + held(lot),
            ..*lot
        })
        .collect()
}

/// Prices and confirms the new time, which is free. The caller holds both resources and all the lots; `version` is the one
/// that the booking's stream has now.
///
/// # Errors
/// As for a new booking.
pub fn move_to(
    booking: &Booking,
    version: i64,
    charge: ChargeId,
    (member, membership): (&Member, Option<&Membership>),
    slot: &Slot,
    lots: &[Lot],
    catalogue: &Catalogue,
) -> Result<Moved, Refusal> {
    let id = booking.fact.booking_id;
    let lots = given_back(lots, &booking.fact.credit_uses, &booking.fact.money_uses);
    let Booked { fact, charge, price } = confirm(id, charge, member, membership, slot, &lots, catalogue)?;
    let charge = charge.map(|mut made| {
        made.source.version = version + 1;
        "BookingMoved".clone_into(&mut made.source.event_type);
        made
    });
    Ok(Moved {
        fact: BookingMoved {
            booking_id: id,
            restored: booking.fact.credit_uses.clone(),
            restored_money: booking.fact.money_uses.clone(),
            voided_charge: booking.fact.charge_id,
            now: fact,
        },
        charge,
        price,
    })
}
