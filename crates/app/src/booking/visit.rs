//! The time that a visitor pays for: kept by a hold until it is hers, and given back where she does not pay.

use super::{guard, hold, load};
use crate::{Operation, UseCaseError};
use coterie_domain::{
    BookingId,
    booking::{self, Booking, BookingConfirmed, Slot, Standing},
    local_time,
    waitlist::WaitlistEnd,
};

/// A time that can be taken: its resources are locked.
pub(crate) struct TimeOfHold {
    booking: Booking,
    version: i64,
    /// Where the hold is gone, and the time is free all the same.
    anew: Option<Slot>,
}

/// Whether a hold's time is still kept, or free once more where it is not. Its resources are locked with it.
pub(crate) async fn time_of_hold_in_op(op: &mut Operation, id: BookingId) -> Result<Option<TimeOfHold>, UseCaseError> {
    let (asked, _) = load(op, id).await?;
    let catalogue = op.catalogue().await?;
    let occupied = catalogue.occupied_by(asked.fact.resource_id);
    guard::lock_resources(op, &occupied, &catalogue).await?;
    // Whoever cleared the hold away had the same lock: only now is it known.
    let (booking, version) = load(op, id).await?;
    if booking.held().is_some() {
        return Ok(Some(TimeOfHold {
            booking,
            version,
            anew: None,
        }));
    }
    if booking.standing != Standing::Expired {
        return Ok(None);
    }
    let zone = local_time::zone(&booking.fact.time_zone)?;
    let wall = |at: jiff::Timestamp| zone.to_datetime(at);
    let (start, end) = (wall(booking.fact.starts_at), wall(booking.fact.ends_at));
    let Ok(slot) = booking::slot(booking.fact.resource_id, start, end, op.now, &catalogue) else {
        return Ok(None);
    };
    if !guard::is_free(op, &slot).await? {
        return Ok(None);
    }
    Ok(Some(TimeOfHold {
        booking,
        version,
        anew: Some(slot),
    }))
}

/// Takes the time; the booking as it was asked for, and the version of its stream, are for whoever confirms it.
pub(crate) async fn take_time_in_op(
    op: &mut Operation,
    time: TimeOfHold,
) -> Result<(BookingConfirmed, i64), UseCaseError> {
    let TimeOfHold { booking, version, anew } = time;
    let id = booking.fact.booking_id;
    match (anew, booking.held()) {
        (Some(slot), _) => guard::reserve(op, id, &slot).await.map_err(guard::at_the_same_moment)?,
        (None, Some(held)) => hold::clear(op, id, held.expires_at, WaitlistEnd::Booked).await?,
        (None, None) => return Err(UseCaseError::Broken(format!("booking {id} is no hold"))),
    }
    Ok((booking.fact, version))
}

/// Ends a hold before its time; whoever waits for it is next. Nothing happens where it is none any more.
pub(crate) async fn give_up_hold_in_op(op: &mut Operation, id: BookingId) -> Result<(), UseCaseError> {
    let (booking, _) = load(op, id).await?;
    if booking.held().is_none() {
        return Ok(());
    }
    let line = hold::line_for(op, &booking.fact).await?;
    let (booking, version) = load(op, id).await?;
    if let Some(held) = booking.held() {
        hold::expire(op, id, version, held.expires_at).await?;
    }
    line.offer_in_op(op).await
}
