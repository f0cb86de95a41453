//! Keeping a time before it is booked: a hold that its member confirms, a request that staff approve or decline.

use super::{
    book::{decide, draw_in_op, membership_for},
    guard, load, presence,
};
use crate::{
    App, Caller, Operation, Outcome, Start, UseCaseError, access, alarm,
    booking::Book,
    charge, credit,
    credit::For,
    member, trouble,
    waitlist::{self, Line},
};
use coterie_domain::{
    BookingId, ChargeId, MemberId, Money, Refusal, ResourceId,
    booking::{self, Booked, Booking, BookingConfirmed, BookingEvent, BookingHeld, HoldExpired, Slot, WaitsFor},
    local_time,
    waitlist::WaitlistEnd,
};
use jiff::Timestamp;
use jiff_sqlx::ToSqlx;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use uuid::Uuid;

/// The most times that are held for one member, or asked for by her.
const MOST_OF_ONE: i64 = 10;

/// What came of holding a time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Kept {
    pub booking_id: BookingId,
    pub waits_for: WaitsFor,
    pub expires_at: Timestamp,
}

/// Keeps a time for a while, or asks staff for it where the resource is booked by asking. Nothing is charged yet.
///
/// # Errors
/// As for a booking; a resource that cannot be held, a time that begins now.
pub async fn hold(app: &App, caller: &Caller, command: Book) -> Outcome<Kept> {
    trouble::carry_out(app, caller, || hold_once(app, caller, command.clone())).await
}

async fn hold_once(app: &App, caller: &Caller, command: Book) -> Outcome<Kept> {
    access::acts_for(caller, command.member_id)?;
    let mut op = match Operation::begin(app, caller).await? {
        Start::Fresh(op) => op,
        Start::Replay(done) => return Ok(done),
    };
    let (slot, booked) = decide(&mut op, &command).await?;
    let catalogue = op.catalogue().await?;
    let held = booking::hold(&booked, &slot, op.now, &catalogue)?;
    check_not_too_many(&mut op, command.member_id).await?;
    let kept = record(&mut op, &slot, held).await?;
    op.commit(kept).await
}

/// Nobody keeps a house from others by holding all of it.
async fn check_not_too_many(op: &mut Operation, member: MemberId) -> Result<(), UseCaseError> {
    let (tenant, now) = (op.tenant(), op.now);
    let held: i64 = sqlx::query_scalar(
        "select count(*) from booking_hold where tenant_id = $1 and member_id = $2 and expires_at > $3",
    )
    .bind(tenant)
    .bind(member.0)
    .bind(now.to_sqlx())
    .fetch_one(op.conn())
    .await?;
    if held >= MOST_OF_ONE {
        let sentence = format!("{MOST_OF_ONE} times are held or asked for already; book or give up one of them first.");
        return Err(Refusal::conflict("holds_too_many", sentence).into());
    }
    Ok(())
}

/// Holds what was decided, and writes it down.
pub(crate) async fn record(op: &mut Operation, slot: &Slot, held: BookingHeld) -> Result<Kept, UseCaseError> {
    let kept = Kept {
        booking_id: held.booking_id,
        waits_for: held.waits_for,
        expires_at: held.expires_at,
    };
    let id = held.booking_id;
    guard::reserve(op, id, slot).await.map_err(guard::at_the_same_moment)?;
    let tenant = op.tenant();
    sqlx::query("insert into booking_hold (tenant_id, booking_id, member_id, expires_at) values ($1, $2, $3, $4)")
        .bind(tenant)
        .bind(id.0)
        .bind(held.as_asked.member_id.0)
        .bind(held.expires_at.to_sqlx())
        .execute(op.conn())
        .await?;
    op.set_alarm(alarm::Kind::HoldEnd, id.0, held.expires_at).await?;
    op.write(id.0, 0, [BookingEvent::from(held)])?;
    Ok(kept)
}

/// Books what was held, at the price of now. `agreed` is what it may be charged with, net; another price is refused.
/// Of a request staff say yes, and the price that was asked for is the price.
///
/// # Errors
/// No hold, or one that is over; another price; another member's.
pub async fn confirm(app: &App, caller: &Caller, id: BookingId, agreed: Option<Money>) -> Outcome<BookingId> {
    trouble::carry_out(app, caller, || confirm_once(app, caller, id, agreed)).await
}

/// Says what booking a hold would cost, by the same decision, and writes nothing.
///
/// # Errors
/// As [`confirm`].
pub async fn quote_confirm(app: &App, caller: &Caller, id: BookingId) -> Result<booking::Price, UseCaseError> {
    let mut op = Operation::open(app, caller).await?;
    let (booking, version) = load(&mut op, id).await?;
    access::acts_for(caller, booking.fact.member_id)?;
    let booked = decide_held(&mut op, &booking, version).await?;
    Ok(booked.price)
}

/// The booking that a hold becomes now. Its time is its own as long as it stands, so nothing else can be in the way.
async fn decide_held(op: &mut Operation, booking: &Booking, version: i64) -> Result<Booked, UseCaseError> {
    let catalogue = op.catalogue().await?;
    let (_, slot) = booking::slot_held(booking, op.now, &catalogue)?;
    guard::lock_resources(op, &slot.occupied, &catalogue).await?;
    let (member, _) = member::load(op, booking.fact.member_id).await?;
    let location = catalogue.location(slot.resource.location_id)?;
    let day = local_time::day_at(slot.starts_at, &catalogue.zone_of(location.location_id)?);
    let membership = membership_for(op, booking.fact.member_id, location.location_id, day).await?;
    let kind = slot.resource.resource_type_id;
    let who = (membership.as_ref(), booking.fact.member_id);
    let lots = credit::lock_lots(op, who, For::Booking(kind), slot.starts_at, &[]).await?;
    let charge = ChargeId(op.new_id());
    let id = booking.fact.booking_id;
    let mut booked = booking::confirm(id, charge, &member, membership.as_ref(), &slot, &lots, &catalogue)?;
    if let Some(made) = &mut booked.charge {
        made.source.version = version + 1;
    }
    Ok(booked)
}

async fn confirm_once(app: &App, caller: &Caller, id: BookingId, agreed: Option<Money>) -> Outcome<BookingId> {
    let mut op = match Operation::begin(app, caller).await? {
        Start::Fresh(op) => op,
        Start::Replay(done) => return Ok(done),
    };
    let (booking, version) = load(&mut op, id).await?;
    access::acts_for(caller, booking.fact.member_id)?;
    let asked = booking.held().is_some_and(|held| held.waits_for == WaitsFor::Staff);
    if asked {
        access::operates(caller)?;
    }
    let booked = decide_held(&mut op, &booking, version).await?;
    let agreed = if asked { Some(booking.fact.charged) } else { agreed };
    booking::check_agreed(agreed, booked.price.charged)?;
    if let Some(held) = booking.held() {
        clear(&mut op, id, held.expires_at, WaitlistEnd::Booked).await?;
    }
    draw_in_op(&mut op, &booked.fact).await?;
    presence::await_check_in(&mut op, &booked.fact).await?;
    op.write(id.0, version, [BookingEvent::from(booked.fact)])?;
    if let Some(made) = &booked.charge {
        charge::make_in_op(&mut op, made).await?;
    }
    op.commit(id).await
}

/// Says no to a request; the reason goes to the member.
///
/// # Errors
/// Nothing that is asked for; no reason; operators only.
pub async fn decline(app: &App, caller: &Caller, id: BookingId, reason: &str) -> Outcome<BookingId> {
    trouble::carry_out(app, caller, || decline_once(app, caller, id, reason)).await
}

async fn decline_once(app: &App, caller: &Caller, id: BookingId, reason: &str) -> Outcome<BookingId> {
    access::operates(caller)?;
    let mut op = match Operation::begin(app, caller).await? {
        Start::Fresh(op) => op,
        Start::Replay(done) => return Ok(done),
    };
    let (booking, version) = load(&mut op, id).await?;
    let declined = booking::decline(&booking, reason)?;
    let line = line_for(&mut op, &booking.fact).await?;
    if let Some(held) = booking.held() {
        clear(&mut op, id, held.expires_at, WaitlistEnd::Left).await?;
    }
    guard::release(&mut op, id.0).await?;
    op.write(id.0, version, [BookingEvent::from(declined)])?;
    line.offer_in_op(&mut op).await?;
    op.commit(id).await
}

/// The time of a hold is over: its resource is free again. Nothing happens where a word was said meanwhile.
///
/// # Errors
/// When the database fails.
pub(crate) async fn end_hold_in_op(op: &mut Operation, id: BookingId) -> Result<(), UseCaseError> {
    let (booking, version) = load(op, id).await?;
    let Some(held) = booking.held().filter(|held| held.expires_at <= op.now) else {
        return Ok(());
    };
    let line = line_for(op, &booking.fact).await?;
    expire(op, id, version, held.expires_at).await?;
    line.offer_in_op(op).await
}

pub(super) async fn expire(
    op: &mut Operation,
    id: BookingId,
    version: i64,
    expires_at: Timestamp,
) -> Result<(), UseCaseError> {
    clear(op, id, expires_at, WaitlistEnd::Lapsed).await?;
    guard::release(op, id.0).await?;
    op.write(id.0, version, [BookingEvent::from(HoldExpired { booking_id: id })])
}

/// Those who wait for the time of a booking, which is about to be freed.
pub(super) async fn line_for(op: &mut Operation, fact: &BookingConfirmed) -> Result<Line, UseCaseError> {
    let catalogue = op.catalogue().await?;
    let resources = catalogue.occupied_by(fact.resource_id);
    waitlist::line_in_op(op, &resources, (fact.blocked_from, fact.blocked_until), &catalogue).await
}

/// Holds that are over and nobody has cleared away yet are cleared away by whoever takes their time, who has locked their
/// resources.
pub(super) async fn clear_expired(
    op: &mut Operation,
    resources: &BTreeSet<ResourceId>,
    (from, until): (Timestamp, Timestamp),
) -> Result<(), UseCaseError> {
    let (tenant, now) = (op.tenant(), op.now);
    let over: Vec<Uuid> = sqlx::query_scalar(
        "select distinct h.booking_id from reserved($1, $2, $3, $4) r
         join booking_hold h on h.tenant_id = $1 and h.booking_id = r.booking_id
         where h.expires_at <= $5",
    )
    .bind(tenant)
    .bind(guard::ids(resources))
    .bind(from.to_sqlx())
    .bind(until.to_sqlx())
    .bind(now.to_sqlx())
    .fetch_all(op.conn())
    .await?;
    for id in over {
        let id = BookingId(id);
        let (booking, version) = load(op, id).await?;
        if let Some(held) = booking.held() {
            // Whoever comes now takes it.
            expire(op, id, version, held.expires_at).await?;
        }
    }
    Ok(())
}

/// A word was said, or the time is over: it is no hold any more.
pub(super) async fn clear(
    op: &mut Operation,
    id: BookingId,
    expires_at: Timestamp,
    why: WaitlistEnd,
) -> Result<(), UseCaseError> {
    waitlist::answered_in_op(op, id, why).await?;
    let tenant = op.tenant();
    sqlx::query("delete from booking_hold where tenant_id = $1 and booking_id = $2")
        .bind(tenant)
        .bind(id.0)
        .execute(op.conn())
        .await?;
    op.clear_alarm(alarm::Kind::HoldEnd, id.0, expires_at).await
}
