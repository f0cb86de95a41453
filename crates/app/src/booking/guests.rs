//! Guests of a booking. They are in its stream alone: their letters go out by what happens to it.

use super::load;
use crate::{App, Caller, Operation, Outcome, Start, UseCaseError, access, trouble};
use coterie_domain::{
    BookingId, GuestId,
    booking::{self, BookingEvent, GuestInvited},
};

/// Asks somebody to come too; the letter has the time for their calendar.
///
/// # Errors
/// Another member's booking, one that is not made or over; a full room; faulty fields.
pub async fn invite(app: &App, caller: &Caller, id: BookingId, name: &str, email: &str) -> Outcome<GuestId> {
    trouble::carry_out(app, caller, || invite_once(app, caller, id, name, email)).await
}

async fn invite_once(app: &App, caller: &Caller, id: BookingId, name: &str, email: &str) -> Outcome<GuestId> {
    let mut op = match Operation::begin(app, caller).await? {
        Start::Fresh(op) => op,
        Start::Replay(done) => return Ok(done),
    };
    let (booking, version) = load(&mut op, id).await?;
    access::acts_for(caller, booking.fact.member_id)?;
    let catalogue = op.catalogue().await?;
    let guest = GuestId(op.new_id());
    let fact = booking::invite(&booking, guest, name, email, op.now, &catalogue)?;
    op.write(id.0, version, [BookingEvent::from(fact)])?;
    op.commit(guest).await
}

/// Takes an invitation back; the guest is told.
///
/// # Errors
/// Another member's booking, one that is over; nobody of this id.
pub async fn uninvite(app: &App, caller: &Caller, id: BookingId, guest: GuestId) -> Outcome<GuestId> {
    trouble::carry_out(app, caller, || uninvite_once(app, caller, id, guest)).await
}

async fn uninvite_once(app: &App, caller: &Caller, id: BookingId, guest: GuestId) -> Outcome<GuestId> {
    let mut op = match Operation::begin(app, caller).await? {
        Start::Fresh(op) => op,
        Start::Replay(done) => return Ok(done),
    };
    let (booking, version) = load(&mut op, id).await?;
    access::acts_for(caller, booking.fact.member_id)?;
    let fact = booking::uninvite(&booking, guest, op.now)?;
    op.write(id.0, version, [BookingEvent::from(fact)])?;
    op.commit(guest).await
}

/// The guests of a booking, for its member or staff.
///
/// # Errors
/// `NotFound` for another member's.
pub async fn guests(app: &App, caller: &Caller, id: BookingId) -> Result<Vec<GuestInvited>, UseCaseError> {
    let mut op = Operation::open(app, caller).await?;
    let (booking, _) = load(&mut op, id).await?;
    access::acts_for(caller, booking.fact.member_id)?;
    Ok(booking.guests)
}
