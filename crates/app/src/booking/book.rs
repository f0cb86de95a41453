use super::{guard, presence};
use crate::credit::For;
use crate::{
    App, Caller, Operation, Outcome, Start, UseCaseError, access, charge, credit, member, membership, trouble,
};
use coterie_domain::{
    BookingId, ChargeId, LocationId, MemberId, ResourceId,
    booking::{self, Booked, BookingConfirmed, BookingEvent, Price, Slot},
    credit::{self as lots, UsedBy},
    local_time,
    membership::{Membership, used_for},
};
use jiff::civil::DateTime;

/// A wish for a resource, in wall time at its location.
#[derive(Debug, Clone)]
pub struct Book {
    pub member_id: MemberId,
    pub resource_id: ResourceId,
    pub start: DateTime,
    pub end: DateTime,
    /// How many come; where nobody says, it is priced as for one.
    pub people: Option<i32>,
}

/// Books a resource: of any number who ask for the same time, one gets it.
///
/// # Errors
/// A taken slot (with the next free one), a wall time that does not exist, closed hours, no membership.
pub async fn book(app: &App, caller: &Caller, command: Book) -> Outcome<BookingId> {
    trouble::carry_out(app, caller, || book_once(app, caller, command.clone())).await
}

/// Says what a booking would cost, by the same decision as booking it, and writes nothing.
///
/// # Errors
/// As [`book`].
pub async fn quote(app: &App, caller: &Caller, command: &Book) -> Result<Price, UseCaseError> {
    access::acts_for(caller, command.member_id)?;
    let mut op = Operation::open(app, caller).await?;
    let (_, booked) = decide(&mut op, command).await?;
    Ok(booked.price)
}

async fn book_once(app: &App, caller: &Caller, command: Book) -> Outcome<BookingId> {
    access::acts_for(caller, command.member_id)?;
    let mut op = match Operation::begin(app, caller).await? {
        Start::Fresh(op) => op,
        Start::Replay(done) => return Ok(done),
    };
    let (slot, booked) = decide_for_good(&mut op, &command).await?;
    let id = record(&mut op, &slot, booked).await?;
    op.commit(id).await
}

/// Holds what was decided, and writes it down.
pub(super) async fn record(op: &mut Operation, slot: &Slot, booked: Booked) -> Result<BookingId, UseCaseError> {
    let id = booked.fact.booking_id;
    guard::reserve(op, id, slot).await.map_err(guard::at_the_same_moment)?;
    draw_in_op(op, &booked.fact).await?;
    presence::await_check_in(op, &booked.fact).await?;
    op.write(id.0, 0, [BookingEvent::from(booked.fact)])?;
    if let Some(made) = &booked.charge {
        charge::make_in_op(op, made).await?;
    }
    Ok(id)
}

/// Takes what pays for a booking out of its lots, which are locked.
pub(super) async fn draw_in_op(op: &mut Operation, fact: &BookingConfirmed) -> Result<(), UseCaseError> {
    let parts = lots::parts(&fact.credit_uses, &fact.money_uses);
    credit::draw_in_op(op, UsedBy::Booking(fact.booking_id), &parts).await
}

/// As [`decide`], for what needs nobody's yes.
pub(super) async fn decide_for_good(op: &mut Operation, command: &Book) -> Result<(Slot, Booked), UseCaseError> {
    let (slot, booked) = decide(op, command).await?;
    if access::operates(op.caller()).is_err() {
        let catalogue = op.catalogue().await?;
        booking::check_no_approval(&slot, &catalogue)?;
    }
    Ok((slot, booked))
}

pub(crate) async fn decide(op: &mut Operation, command: &Book) -> Result<(Slot, Booked), UseCaseError> {
    let catalogue = op.catalogue().await?;
    let slot = booking::slot(command.resource_id, command.start, command.end, op.now, &catalogue)?;
    let slot = slot.for_people(command.people)?;
    // Looked up first and without a lock, so that those who come too late cost little, do not queue and do not eat the pool.
    guard::check_free(op, &slot, None, &catalogue).await?;
    let (member, _) = member::load(op, command.member_id).await?;
    let location = catalogue.location(slot.resource.location_id)?;
    let day = local_time::day_at(slot.starts_at, &catalogue.zone_of(location.location_id)?);
    let membership = membership_for(op, command.member_id, location.location_id, day).await?;
    guard::lock_resources(op, &slot.occupied, &catalogue).await?;
    guard::check_free(op, &slot, None, &catalogue).await?;
    let kind = slot.resource.resource_type_id;
    let lots = credit::lock_lots(op, membership.as_ref(), For::Booking(kind), slot.starts_at, &[]).await?;
    let (id, charge) = (BookingId(op.new_id()), ChargeId(op.new_id()));
    let booked = booking::confirm(id, charge, &member, membership.as_ref(), &slot, &lots, &catalogue)?;
    Ok((slot, booked))
}

/// The membership that a booking, a pass or a charge at a location falls under: [`used_for`] says which one, of those
/// that she holds and those that she has a seat of.
pub(crate) async fn membership_for(
    op: &mut Operation,
    member: MemberId,
    location: LocationId,
    day: jiff::civil::Date,
) -> Result<Option<Membership>, UseCaseError> {
    let usable = membership::usable_in_op(op, member, day).await?;
    let catalogue = op.catalogue().await?;
    Ok(used_for(&usable, member, location, day, &catalogue).cloned())
}
