use super::{guard, people, presence, take};
use crate::{App, Caller, Done, Operation, Outcome, Start, UseCaseError, access, charge, credit, membership, trouble};
use coterie_domain::{
    BookingId, ChargeId, LocationId, MemberId, ResourceId,
    booking::{self, Booked, Booking, BookingConfirmed, BookingEvent, Price, Slot},
    credit::{self as lots, UsedBy},
    local_time,
    membership::{Membership, used_for},
};
use jiff::civil::{Date, DateTime};
use serde::{Deserialize, Serialize};

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
    Ok(book_to_show(app, caller, command).await?.map(|made| made.id))
}

/// The same for whoever shows the booking at once.
///
/// # Errors
/// As [`book`].
pub async fn book_to_show(app: &App, caller: &Caller, command: Book) -> Outcome<Made> {
    trouble::carry_out(app, caller, || book_once(app, caller, command.clone())).await
}

/// A booking that was made: remembered by its id.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(from = "BookingId", into = "BookingId")]
pub struct Made {
    pub id: BookingId,
    /// As it was made just now; nothing where the answer was remembered, and it may have changed since.
    pub booking: Option<Booking>,
}

impl From<BookingId> for Made {
    fn from(id: BookingId) -> Self {
        Self { id, booking: None }
    }
}

impl From<Made> for BookingId {
    fn from(made: Made) -> Self {
        made.id
    }
}

/// A booking as the log has it.
///
/// # Errors
/// `NotFound` when the organization has no such booking.
pub async fn show(app: &App, caller: &Caller, id: BookingId) -> Result<Booking, UseCaseError> {
    let mut op = Operation::open(app, caller).await?;
    Ok(super::load(&mut op, id).await?.0)
}

impl Done<Made> {
    /// The booking, read again where it is not as it was just made.
    ///
    /// # Errors
    /// As [`show`].
    pub async fn shown(&mut self, app: &App, caller: &Caller) -> Result<Booking, UseCaseError> {
        match self.outcome.booking.take() {
            Some(booking) => Ok(booking),
            None => show(app, caller, self.outcome.id).await,
        }
    }
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

async fn book_once(app: &App, caller: &Caller, command: Book) -> Outcome<Made> {
    access::acts_for(caller, command.member_id)?;
    let mut op = match Operation::begin(app, caller).await? {
        Start::Fresh(op) => op,
        Start::Replay(done) => return Ok(done),
    };
    let hold_as = BookingId(op.new_id());
    let decided = decide_for_good(&mut op, &command, Some(hold_as)).await?;
    let booking = Booking::evolve(None, decided.booked.fact.clone().into());
    let id = record(&mut op, decided).await?;
    op.commit(Made { id, booking }).await
}

/// Holds what was decided, and writes it down.
pub(super) async fn record(op: &mut Operation, decided: Decided) -> Result<BookingId, UseCaseError> {
    let Decided { slot, booked, held } = decided;
    let id = booked.fact.booking_id;
    if !held {
        guard::reserve(op, id, &slot).await.map_err(guard::at_the_same_moment)?;
    }
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
    let on = local_time::day_at(fact.starts_at, &local_time::zone(&fact.time_zone)?);
    credit::draw_in_op(op, UsedBy::Booking(fact.booking_id), &parts, on).await
}

/// As [`decide`], for what needs nobody's yes.
pub(super) async fn decide_for_good(
    op: &mut Operation,
    command: &Book,
    hold_as: Option<BookingId>,
) -> Result<Decided, UseCaseError> {
    let decided = decide_and_hold(op, command, hold_as).await?;
    if access::operates(op.caller()).is_err() {
        let catalogue = op.catalogue_at_first().await?;
        booking::check_no_approval(&decided.slot, &catalogue)?;
    }
    Ok(decided)
}

/// A booking that was decided and is not written down yet.
pub(super) struct Decided {
    pub slot: Slot,
    pub booked: Booked,
    /// Whether its time is held already.
    pub held: bool,
}

pub(crate) async fn decide(op: &mut Operation, command: &Book) -> Result<(Slot, Booked), UseCaseError> {
    let decided = decide_and_hold(op, command, None).await?;
    Ok((decided.slot, decided.booked))
}

/// Decides a booking, and holds its time under an id where one is given: whoever is refused afterwards gives up the whole
/// transaction.
async fn decide_and_hold(
    op: &mut Operation,
    command: &Book,
    hold_as: Option<BookingId>,
) -> Result<Decided, UseCaseError> {
    let catalogue = op.catalogue_at_first().await?;
    let slot = booking::slot(command.resource_id, command.start, command.end, op.now, &catalogue)?;
    let slot = slot.for_people(command.people)?;
    let location = slot.resource.location_id;
    let day = local_time::day_at(slot.starts_at, &slot.zone);
    let taken = take::take(op, &slot, (command.member_id, day), hold_as, &catalogue)
        .await
        .map_err(guard::at_the_same_moment)?;
    let person = people::who_books(op, command.member_id, &taken).await?;
    // A plan that was published since this operation began says what it covers in the catalogue of now.
    let catalogue = if person.known_to(&catalogue, day) {
        catalogue
    } else {
        op.catalogue().await?
    };
    let membership = used_for(&person.memberships, command.member_id, location, day, &catalogue);
    let (id, charge) = (hold_as.unwrap_or_else(|| BookingId(op.new_id())), ChargeId(op.new_id()));
    let booked = booking::confirm(id, charge, &person.member, membership, &slot, &taken.lots, &catalogue)?;
    Ok(Decided {
        slot,
        booked,
        held: taken.held,
    })
}

/// The membership that a booking, a pass or a charge at a location falls under: [`used_for`] says which one, of those
/// that she holds and those that she has a seat of.
pub(crate) async fn membership_for(
    op: &mut Operation,
    member: MemberId,
    location: LocationId,
    day: Date,
) -> Result<Option<Membership>, UseCaseError> {
    let usable = membership::usable_in_op(op, member, day).await?;
    let catalogue = op.catalogue().await?;
    Ok(used_for(&usable, member, location, day, &catalogue).cloned())
}
