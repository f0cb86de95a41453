use super::{
    book::{draw_in_op, membership_for},
    guard, hold, load, presence,
};
use crate::{
    App, Caller, Operation, Outcome, Start, UseCaseError, access, charge, credit, credit::For, member, trouble,
};
use coterie_domain::{
    BookingId, ChargeId, Money, ResourceId,
    booking::{self, Booking, BookingEvent, Moved, Slot},
    charge::{Because, ChargeMade, SourceRef},
    credit::{self as lots, UsedBy},
    local_time,
};
use jiff::civil::DateTime;
use serde::{Deserialize, Serialize};

/// Where to, in wall time at the location.
#[derive(Debug, Clone)]
pub struct Move {
    pub booking_id: BookingId,
    pub resource_id: ResourceId,
    pub start: DateTime,
    pub end: DateTime,
    /// What it may be charged with, net, as it was shown; another price is refused. `None` takes any.
    pub agreed: Option<Money>,
    /// How many come; as many as did, where nobody says.
    pub people: Option<i32>,
}

/// What moving does to the price.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct MoveQuote {
    /// Net, as it was charged.
    pub before: Money,
    pub before_allowance_minutes: i64,
    /// Net, as it will be.
    pub after: Money,
    pub after_allowance_minutes: i64,
    pub because: Vec<Because>,
}

/// Says what a move would cost, by the same decision as the move itself, and writes nothing.
///
/// # Errors
/// As [`move_booking`].
pub async fn quote_move(app: &App, caller: &Caller, command: Move) -> Result<MoveQuote, UseCaseError> {
    let mut op = Operation::open(app, caller).await?;
    let decided = decide(&mut op, caller, &command).await?;
    Ok(decided.quote())
}

/// Moves a booking to another time or resource: priced anew, what it drew on given back first. One winner here too.
///
/// # Errors
/// Another member's booking, one that is over, invoiced or too late to move; a taken slot; a price that changed.
pub async fn move_booking(app: &App, caller: &Caller, command: Move) -> Outcome<MoveQuote> {
    trouble::carry_out(app, caller, || move_once(app, caller, command.clone())).await
}

struct Decided {
    booking: Booking,
    version: i64,
    /// What it was charged with so far.
    charged: Option<ChargeMade>,
    slot: Slot,
    moved: Moved,
}

impl Decided {
    fn quote(&self) -> MoveQuote {
        let minutes = |uses: &[coterie_domain::credit::CreditUse]| uses.iter().map(|part| part.minutes).sum();
        MoveQuote {
            before: self.booking.fact.charged,
            before_allowance_minutes: minutes(&self.booking.fact.credit_uses),
            after: self.moved.fact.now.charged,
            after_allowance_minutes: minutes(&self.moved.fact.now.credit_uses),
            because: self.moved.fact.now.because.clone(),
        }
    }
}

async fn decide(op: &mut Operation, caller: &Caller, command: &Move) -> Result<Decided, UseCaseError> {
    let (booking, version) = load(op, command.booking_id).await?;
    access::acts_for(caller, booking.fact.member_id)?;
    let catalogue = op.catalogue().await?;
    let charged = match booking.fact.charge_id {
        Some(charge) => Some(charge::lock_in_op(op, charge).await?),
        None => None,
    };
    let invoiced = charged.as_ref().is_some_and(|(_, invoiced)| *invoiced);
    let wanted = (command.resource_id, command.start, command.end);
    let slot = booking::slot_to_move(&booking, invoiced, wanted, command.people, op.now, &catalogue)?;
    if access::operates(caller).is_err() {
        booking::check_no_approval(&slot, &catalogue)?;
    }
    let (member, _) = member::load(op, booking.fact.member_id).await?;
    let location = catalogue.location(slot.resource.location_id)?;
    let day = local_time::day_at(slot.starts_at, &catalogue.zone_of(location.location_id)?);
    let membership = membership_for(op, booking.fact.member_id, location.location_id, day).await?;
    let own = Some(command.booking_id);
    guard::check_free(op, &slot, own, &catalogue).await?;
    let mut both = catalogue.occupied_by(booking.fact.resource_id);
    both.extend(&slot.occupied);
    guard::lock_resources(op, &both, &catalogue).await?;
    guard::check_free(op, &slot, own, &catalogue).await?;
    let drawn = lots::parts(&booking.fact.credit_uses, &booking.fact.money_uses);
    let lots = credit::lock_lots(
        op,
        (membership.as_ref(), booking.fact.member_id),
        For::Booking(slot.resource.resource_type_id),
        slot.starts_at,
        &drawn,
    )
    .await?;
    let kind = slot.resource.resource_type_id;
    // What an earlier type's lots hold is given back, but it is not drawn on for another type.
    let same_kind = catalogue.resource(booking.fact.resource_id)?.resource_type_id == kind;
    let usable: Vec<_> = lots
        .into_iter()
        .filter(|lot| same_kind || booking.fact.credit_uses.iter().all(|part| part.lot_id != lot.lot_id))
        .collect();
    let who = (&member, membership.as_ref());
    let new = ChargeId(op.new_id());
    let moved = booking::move_to(&booking, version, new, who, &slot, &usable, &catalogue)?;
    Ok(Decided {
        booking,
        version,
        charged: charged.map(|(made, _)| made),
        slot,
        moved,
    })
}

async fn move_once(app: &App, caller: &Caller, command: Move) -> Outcome<MoveQuote> {
    let mut op = match Operation::begin(app, caller).await? {
        Start::Fresh(op) => op,
        Start::Replay(done) => return Ok(done),
    };
    let id = command.booking_id;
    let decided = decide(&mut op, caller, &command).await?;
    let quote = decided.quote();
    booking::check_agreed(command.agreed, quote.after)?;
    let Decided {
        booking,
        version,
        charged,
        slot,
        moved,
    } = decided;
    // Whoever moves holds the rooms already; whoever waits for a whole that one of them is a part of adds to them.
    let line = hold::line_for(&mut op, &booking.fact).await?;
    let back = lots::parts(&moved.fact.restored, &moved.fact.restored_money);
    credit::restore_in_op(&mut op, UsedBy::Booking(id), &back).await?;
    guard::reserve_anew(&mut op, id, &slot)
        .await
        .map_err(guard::at_the_same_moment)?;
    draw_in_op(&mut op, &moved.fact.now).await?;
    presence::forget_check_in(&mut op, &booking.fact).await?;
    let event = BookingEvent::from(moved.fact);
    let now = Booking::evolve(Some(booking), event.clone());
    if let Some(now) = now.filter(|now| now.checked_in.is_none()) {
        presence::await_check_in(&mut op, &now.fact).await?;
    }
    op.write(id.0, version, [event])?;
    if let Some(made) = &charged {
        let source = SourceRef {
            category: "booking".to_owned(),
            stream_id: id.0,
            version: version + 1,
            event_type: "BookingMoved".to_owned(),
        };
        charge::void_in_op(&mut op, made, "the booking was moved", source).await?;
    }
    if let Some(made) = &moved.charge {
        charge::make_in_op(&mut op, made).await?;
    }
    line.offer_in_op(&mut op).await?;
    op.commit(quote).await
}
