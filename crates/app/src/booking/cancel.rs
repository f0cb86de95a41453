use super::{guard, hold, presence};
use crate::{App, Caller, Operation, Outcome, Start, UseCaseError, access, charge, trouble};
use coterie_domain::{
    BookingId, ChargeId,
    booking::{self, Booking, BookingCancelled, BookingEvent},
    charge::SourceRef,
    waitlist::WaitlistEnd,
};

/// Cancels a booking by the location's policy; the answer says what is still due and what was given back.
///
/// # Errors
/// Another member's booking, one that has begun or is cancelled already.
pub async fn cancel(app: &App, caller: &Caller, id: BookingId) -> Outcome<BookingCancelled> {
    trouble::carry_out(app, caller, || cancel_once(app, caller, id)).await
}

async fn cancel_once(app: &App, caller: &Caller, id: BookingId) -> Outcome<BookingCancelled> {
    let mut op = match Operation::begin(app, caller).await? {
        Start::Fresh(op) => op,
        Start::Replay(done) => return Ok(done),
    };
    let cancelled = cancel_in_op(&mut op, id).await?;
    op.commit(cancelled).await
}

/// # Errors
/// Another member's booking, one that has begun or is cancelled already.
pub(crate) async fn cancel_in_op(op: &mut Operation, id: BookingId) -> Result<BookingCancelled, UseCaseError> {
    let (booking, version) = load(op, id).await?;
    access::acts_for(op.caller(), booking.fact.member_id)?;
    let catalogue = op.catalogue().await?;
    let line = hold::line_for(op, &booking.fact).await?;
    let charged = match booking.fact.charge_id {
        Some(charge) => Some(charge::lock_in_op(op, charge).await?),
        None => None,
    };
    let (made, invoiced) = charged
        .as_ref()
        .map_or((None, false), |(made, invoiced)| (Some(made), *invoiced));
    let cancelled = booking::cancel(&booking, made, invoiced, ChargeId(op.new_id()), op.now, &catalogue)?;
    guard::restore_credit(op, id, &cancelled.fact.restored).await?;
    guard::release(op, id.0).await?;
    match booking.held() {
        Some(held) => hold::clear(op, id, held.expires_at, WaitlistEnd::Left).await?,
        None => presence::forget_check_in(op, &booking.fact).await?,
    }
    op.write(id.0, version, [BookingEvent::from(cancelled.fact.clone())])?;
    if let (Some(made), Some(_)) = (made, cancelled.fact.voided_charge) {
        let source = SourceRef {
            category: "booking".to_owned(),
            stream_id: id.0,
            version: version + 1,
            event_type: "BookingCancelled".to_owned(),
        };
        charge::void_in_op(op, made, "the booking was cancelled", source).await?;
    }
    if let Some(mut fee) = cancelled.fee {
        fee.source.version = version + 1;
        charge::make_in_op(op, &fee).await?;
    }
    line.offer_in_op(op).await?;
    Ok(cancelled.fact)
}

/// # Errors
/// `NotFound` when the organization has no such booking.
pub async fn load(op: &mut Operation, id: BookingId) -> Result<(Booking, i64), UseCaseError> {
    op.load::<BookingEvent, Booking>(id.0, Booking::evolve)
        .await?
        .ok_or(UseCaseError::NotFound)
}
