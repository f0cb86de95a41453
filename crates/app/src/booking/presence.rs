//! Checking in, and what happens where nobody does.

use super::{guard, hold, load};
use crate::{
    Actor, App, Caller, Operation, Outcome, Start, UseCaseError, access, alarm, charge, membership, read::Columns,
    trouble,
};
use coterie_domain::{
    BookingId, ChargeId, MemberId, ResourceId,
    booking::{self, BookingConfirmed, BookingEvent, CheckInBy},
};
use jiff::Timestamp;
use jiff_sqlx::ToSqlx;
use uuid::Uuid;

/// What the signs at doors are for.
const DOOR_SIGN: &str = "door_sign";
/// The most bookings of one member that are looked at where she stands.
const WAITING: i64 = 50;

/// What the sign at a resource's door says: who stands there can read it, and nobody can make it up. It stays the same.
pub fn sign(app: &App, tenant: Uuid, resource: ResourceId) -> String {
    app.config
        .secret
        .link_token(DOOR_SIGN, tenant, resource.0, Timestamp::MAX)
}

/// The resource at whose door a sign hangs.
pub fn read_sign(app: &App, tenant: Uuid, sign: &str) -> Option<ResourceId> {
    app.config
        .secret
        .open_link_token(DOOR_SIGN, tenant, sign, crate::clock::wall_now())
        .map(ResourceId)
}

/// The member's own bookings at a door that she can check in for now: of the resource, or of what it is a part of.
///
/// # Errors
/// `Forbidden` for anybody but a member.
pub async fn waiting_at(
    app: &App,
    caller: &Caller,
    resource: ResourceId,
) -> Result<Vec<BookingConfirmed>, UseCaseError> {
    let Actor::Member(member) = caller.actor else {
        return Err(UseCaseError::Forbidden);
    };
    let mut op = Operation::open(app, caller).await?;
    let (now, opens) = (op.now, op.now + booking::CHECK_IN_OPENS);
    let hers = hers_in_op(&mut op, member, &[resource], opens).await?;
    let waiting = hers.into_iter().filter(|found| booking::can_check_in(found, now));
    Ok(waiting.map(|found| found.fact).collect())
}

/// A member's live bookings of some resources, or of what they are a part of, from now until then, by their beginning.
///
/// # Errors
/// When the database fails.
pub(crate) async fn hers_in_op(
    op: &mut Operation,
    member: MemberId,
    resources: &[ResourceId],
    until: Timestamp,
) -> Result<Vec<booking::Booking>, UseCaseError> {
    let (tenant, now) = (op.tenant(), op.now);
    // By the reservation, which never lags; whose it is says the booking itself.
    let rows = sqlx::query(
        "select r.booking_id, min(r.blocked_from) as begins from reserved($1, $2, $3, $4) r
         left join booking_view b on b.tenant_id = $1 and b.booking_id = r.booking_id
         where b.member_id is null or b.member_id = $5
         group by r.booking_id order by begins limit $6",
    )
    .bind(tenant)
    .bind(resources.iter().map(|id| id.0).collect::<Vec<Uuid>>())
    .bind(now.to_sqlx())
    .bind(until.to_sqlx())
    .bind(member.0)
    .bind(WAITING)
    .fetch_all(op.conn())
    .await?;
    let mut hers = Vec::new();
    for row in &rows {
        let found = op
            .load::<BookingEvent, booking::Booking>(row.id("booking_id")?, booking::Booking::evolve)
            .await?;
        if let Some((found, _)) = found
            && found.fact.member_id == member
            && found.check_live().is_ok()
        {
            hers.push(found);
        }
    }
    Ok(hers)
}

/// Somebody is there for a booking. Whoever shows it otherwise than staff acts for its member.
///
/// # Errors
/// It does not stand, is too far ahead or over; somebody checked in already; another member's.
pub async fn check_in(app: &App, caller: &Caller, id: BookingId, how: CheckInBy) -> Outcome<BookingId> {
    trouble::carry_out(app, caller, || check_in_once(app, caller, id, how)).await
}

async fn check_in_once(app: &App, caller: &Caller, id: BookingId, how: CheckInBy) -> Outcome<BookingId> {
    let mut op = match Operation::begin(app, caller).await? {
        Start::Fresh(op) => op,
        Start::Replay(done) => return Ok(done),
    };
    let (booking, version) = load(&mut op, id).await?;
    access::acts_for(caller, booking.fact.member_id)?;
    let fact = booking::check_in(&booking, how, op.now)?;
    forget_check_in(&mut op, &booking.fact).await?;
    op.write(id.0, version, [BookingEvent::from(fact)])?;
    op.commit(id).await
}

/// Whether somebody came is asked when the time for it is over.
pub(super) async fn await_check_in(op: &mut Operation, fact: &BookingConfirmed) -> Result<(), UseCaseError> {
    match fact.check_in_by {
        Some(by) => op.set_alarm(alarm::Kind::CheckInEnd, fact.booking_id.0, by).await,
        None => Ok(()),
    }
}

/// Nobody has to come any more, or somebody came.
pub(super) async fn forget_check_in(op: &mut Operation, fact: &BookingConfirmed) -> Result<(), UseCaseError> {
    match fact.check_in_by {
        Some(by) => op.clear_alarm(alarm::Kind::CheckInEnd, fact.booking_id.0, by).await,
        None => Ok(()),
    }
}

/// The time for checking in is over: where nobody did, the rest is free for others, and the fee is charged.
///
/// # Errors
/// When the database fails.
pub(crate) async fn end_check_in_in_op(op: &mut Operation, id: BookingId) -> Result<(), UseCaseError> {
    let (booking, version) = load(op, id).await?;
    let catalogue = op.catalogue().await?;
    let fee = ChargeId(op.new_id());
    let membership = match booking.fact.membership_id {
        Some(id) => Some(membership::load(op, id).await?.0),
        None => None,
    };
    let Some(missed) = booking::no_show(&booking, version, fee, membership.as_ref(), op.now, &catalogue)? else {
        return Ok(());
    };
    let line = hold::line_for(op, &booking.fact).await?;
    guard::release(op, id.0).await?;
    op.write(id.0, version, [BookingEvent::from(missed.fact)])?;
    if let Some(fee) = &missed.fee {
        charge::make_in_op(op, fee).await?;
    }
    line.offer_in_op(op).await
}
