use super::{guard, hold, presence};
use crate::{App, Caller, Operation, Outcome, Start, UseCaseError, access, charge, credit, trouble, visitor_booking};
use coterie_domain::{
    BookingId, ChargeId, MemberId, MembershipId,
    booking::{self, Booking, BookingCancelled, BookingConfirmed, BookingEvent},
    catalogue::Catalogue,
    charge::{ChargeMade, SourceRef},
    credit::{self as lots, UsedBy},
    local_time,
    waitlist::WaitlistEnd,
};
use jiff::{Timestamp, civil::Date};
use jiff_sqlx::ToSqlx;

/// Cancels a booking by the location's policy; the answer says what is still due and what was given back. What a visitor has paid
/// beyond that goes back to her.
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
    if access::operates(caller).is_ok() {
        visitor_booking::cancelled_by_staff_in_op(&mut op, id, &cancelled).await?;
    }
    op.commit(cancelled).await
}

/// # Errors
/// Another member's booking, one that has begun or is cancelled already.
pub(crate) async fn cancel_in_op(op: &mut Operation, id: BookingId) -> Result<BookingCancelled, UseCaseError> {
    let (booking, version) = load(op, id).await?;
    access::acts_for(op.caller(), booking.fact.member_id)?;
    write_in_op(op, id, booking, version, booking::cancel).await
}

type Decide = fn(
    &Booking,
    Option<&ChargeMade>,
    bool,
    ChargeId,
    Timestamp,
    &Catalogue,
) -> Result<booking::Cancelled, coterie_domain::Refusal>;

async fn write_in_op(
    op: &mut Operation,
    id: BookingId,
    booking: Booking,
    version: i64,
    decide: Decide,
) -> Result<BookingCancelled, UseCaseError> {
    let catalogue = op.catalogue().await?;
    let line = hold::line_for(op, &booking.fact).await?;
    let charged = match booking.fact.charge_id {
        Some(charge) => Some(charge::lock_in_op(op, charge).await?),
        None => None,
    };
    let (made, invoiced) = charged
        .as_ref()
        .map_or((None, false), |(made, invoiced)| (Some(made), *invoiced));
    let cancelled = decide(&booking, made, invoiced, ChargeId(op.new_id()), op.now, &catalogue)?;
    let back = lots::parts(&cancelled.fact.restored, &cancelled.fact.restored_money);
    credit::restore_in_op(op, UsedBy::Booking(id), &back).await?;
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

/// The most bookings of one member that are given up with a seat.
const MOST_GIVEN_UP: i64 = 2_000;

/// Gives up, at no cost, what somebody booked by a membership from a day on, each day its house's own.
///
/// # Errors
/// When the database fails.
pub(crate) async fn give_up_in_op(
    op: &mut Operation,
    member: MemberId,
    membership: MembershipId,
    from: Date,
) -> Result<Vec<BookingConfirmed>, UseCaseError> {
    let (tenant, now) = (op.tenant(), op.now);
    // By the reservation, which never lags; whose it is says the booking itself.
    let ids: Vec<uuid::Uuid> = sqlx::query_scalar(
        "select distinct r.booking_id from reservation r
         left join booking_view b on b.tenant_id = r.tenant_id and b.booking_id = r.booking_id
         where r.tenant_id = $1 and r.blocked_until > $2 and (b.member_id is null or b.member_id = $3) order by r.booking_id limit $4",
    )
    .bind(tenant)
    .bind(now.to_sqlx())
    .bind(member.0)
    .bind(MOST_GIVEN_UP)
    .fetch_all(op.conn())
    .await?;
    let mut hers = Vec::new();
    for id in ids.into_iter().map(BookingId) {
        // A blocker or an assignment has its reservation under an id of its own.
        let Some((booking, version)) = op.load::<BookingEvent, Booking>(id.0, Booking::evolve).await? else {
            continue;
        };
        let fact = &booking.fact;
        let day = local_time::day_at(fact.starts_at, &local_time::zone(&fact.time_zone)?);
        let by_it = fact.member_id == member && fact.membership_id == Some(membership);
        if by_it && day >= from && fact.starts_at > now && booking.check_live().is_ok() {
            hers.push((booking, version));
        }
    }
    hers.sort_by_key(|(booking, _)| booking.fact.starts_at);
    let mut given_up = Vec::with_capacity(hers.len());
    for (booking, version) in hers {
        let fact = booking.fact.clone();
        write_in_op(op, fact.booking_id, booking, version, booking::give_up).await?;
        given_up.push(fact);
    }
    Ok(given_up)
}

/// # Errors
/// `NotFound` when the organization has no such booking.
pub async fn load(op: &mut Operation, id: BookingId) -> Result<(Booking, i64), UseCaseError> {
    op.load::<BookingEvent, Booking>(id.0, Booking::evolve)
        .await?
        .ok_or(UseCaseError::NotFound)
}
