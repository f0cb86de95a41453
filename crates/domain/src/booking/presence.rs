//! Who is there. Where a resource asks for it, whoever has not checked in by a time loses the rest of the booking.

use super::{Booking, CheckInBy, CheckedIn, NoShowRecorded, supplied_by};
use crate::{
    ChargeId,
    catalogue::Catalogue,
    charge::{Because, ChargeKind, ChargeMade, SourceRef},
    local_time,
    membership::Membership,
    refusal::Refusal,
};
use jiff::{SignedDuration, Timestamp};

/// How long before its start one can check in for a booking.
pub const CHECK_IN_OPENS: SignedDuration = SignedDuration::from_mins(15);

/// Whether one can check in for a booking now.
pub fn can_check_in(booking: &Booking, now: Timestamp) -> bool {
    check_in(booking, CheckInBy::Staff, now).is_ok()
}

/// Somebody is there for a booking.
///
/// # Errors
/// It does not stand, is only held, is too far ahead or over; somebody checked in already.
pub fn check_in(booking: &Booking, how: CheckInBy, now: Timestamp) -> Result<CheckedIn, Refusal> {
    booking.check_live()?;
    if booking.held().is_some() {
        return Err(Refusal::conflict(
            "only_held",
            "This time is only held, and not booked yet.",
        ));
    }
    if booking.checked_in.is_some() {
        return Err(Refusal::conflict("already_checked_in", "You are checked in already."));
    }
    let fact = &booking.fact;
    if now < fact.starts_at - CHECK_IN_OPENS {
        let zone = local_time::zone(&fact.time_zone)?;
        let opens = zone.to_datetime(fact.starts_at - CHECK_IN_OPENS);
        let sentence = format!("You can check in from {} on.", opens.strftime("%-d %B %Y, %H:%M"));
        return Err(Refusal::conflict("too_early", sentence));
    }
    if now >= fact.ends_at {
        return Err(Refusal::conflict("already_over", "This booking is over."));
    }
    Ok(CheckedIn {
        booking_id: fact.booking_id,
        at: now,
        how,
    })
}

/// What not coming makes.
#[derive(Debug, Clone, PartialEq)]
pub struct NoShow {
    pub fact: NoShowRecorded,
    pub fee: Option<ChargeMade>,
}

/// Gives the rest of a booking to others when its time for checking in is over; what it cost stays due. `None` when somebody
/// came, or nobody had to. `membership` is the one that it was booked under.
///
/// # Errors
/// A location or resource that is not known.
pub fn no_show(
    booking: &Booking,
    version: i64,
    fee: ChargeId,
    membership: Option<&Membership>,
    now: Timestamp,
    catalogue: &Catalogue,
) -> Result<Option<NoShow>, Refusal> {
    let fact = &booking.fact;
    let due = fact.check_in_by.filter(|by| now >= *by);
    let Some(by) =
        due.filter(|_| booking.checked_in.is_none() && booking.held().is_none() && booking.check_live().is_ok())
    else {
        return Ok(None);
    };
    let location = catalogue.location(fact.location_id)?;
    let resource = catalogue.resource(fact.resource_id)?;
    let zone = local_time::zone(&fact.time_zone)?;
    let day = local_time::day_at(fact.starts_at, &zone);
    let supplied_by = match membership {
        Some(membership) => supplied_by(location, membership, catalogue)?,
        None => None,
    };
    let fee = fact.no_show_fee.filter(|net| net.minor > 0).map(|net| ChargeMade {
        charge_id: fee,
        kind: ChargeKind::CancellationFee,
        payer: fact.payer,
        member_id: fact.member_id,
        membership_id: fact.membership_id,
        legal_entity_id: membership.map_or(location.legal_entity_id, |membership| membership.fact.legal_entity_id),
        supplied_by,
        location_id: location.location_id,
        description: format!(
            "Not used: {}, {} {}",
            resource.name,
            day,
            zone.to_datetime(fact.starts_at).strftime("%H:%M")
        ),
        quantity: "1".to_owned(),
        unit: "fee".to_owned(),
        unit_price: net,
        net,
        tax_category: catalogue
            .resource_types
            .get(&resource.resource_type_id)
            .map_or_else(|| "standard".to_owned(), |kind| kind.tax_category.clone()),
        service_from: day,
        service_to: day.tomorrow().unwrap_or(day),
        taxed_on: None,
        gives_back: None,
        billable_on: day.tomorrow().unwrap_or(day),
        source: SourceRef {
            category: "booking".to_owned(),
            stream_id: fact.booking_id.0,
            version: version + 1,
            event_type: "NoShowRecorded".to_owned(),
        },
        because: vec![Because {
            text: format!(
                "{net} for a booking that nobody checked in for by {}",
                zone.to_datetime(by).strftime("%H:%M")
            ),
            rule: None,
        }],
        catalogue_position: catalogue.position,
    });
    Ok(Some(NoShow {
        fact: NoShowRecorded {
            booking_id: fact.booking_id,
            at: now,
            fee_charge: fee.as_ref().map(|fee| fee.charge_id),
        },
        fee,
    }))
}
