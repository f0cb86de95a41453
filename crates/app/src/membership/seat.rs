//! Seats: the people of a company who use one membership. Whoever gives one holds the membership's guard row, so that two who
//! give the last one come one after the other; the version of the membership's stream is the backstop.

use super::{change::Changing, load};
use crate::{App, Caller, Operation, Outcome, Start, UseCaseError, access, booking, company, member, trouble};
use coterie_domain::{
    BookingId, MemberId, MembershipId, Payer,
    membership::{self, Membership},
};
use jiff::{Timestamp, civil::Date};
use jiff_sqlx::ToSqlx;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// A booking that was given up with the seat that it was made with.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct GivenUp {
    pub booking_id: BookingId,
    pub resource_name: String,
    pub starts_at: Timestamp,
    pub time_zone: String,
}

/// What taking a seat away led to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SeatLost {
    pub from: Date,
    pub given_up: Vec<GivenUp>,
}

/// The holder, whoever manages the company that pays, and staff say who uses a membership.
async fn check_may_seat(op: &mut Operation, membership: &Membership, day: Date) -> Result<(), UseCaseError> {
    match membership.term_on(day).payer {
        Payer::Company(company) => {
            if access::acts_for(op.caller(), membership.fact.member_id).is_ok() {
                return Ok(());
            }
            company::acts_for_in_op(op, company).await
        }
        Payer::Member(_) => access::acts_for(op.caller(), membership.fact.member_id),
    }
}

/// A membership whose seats are about to change, its row locked.
async fn changing(op: &mut Operation, id: MembershipId) -> Result<Changing, UseCaseError> {
    lock(op, id).await?;
    let changing = Changing::load_unchecked_in_op(op, id).await?;
    check_may_seat(op, &changing.membership, changing.today).await?;
    Ok(changing)
}

async fn lock(op: &mut Operation, id: MembershipId) -> Result<(), UseCaseError> {
    let tenant = op.tenant();
    sqlx::query("select from membership_guard where tenant_id = $1 and membership_id = $2 for update")
        .bind(tenant)
        .bind(id.0)
        .execute(op.conn())
        .await?;
    Ok(())
}

/// Gives a member a seat of a membership from a day on; today where none is said.
///
/// # Errors
/// `NotFound` for an unknown membership or member, or one that the caller has no say in; a day that is over, nobody of the
/// company, no seat left.
pub async fn give_seat(
    app: &App,
    caller: &Caller,
    id: MembershipId,
    member: MemberId,
    from: Option<Date>,
) -> Outcome<MembershipId> {
    trouble::carry_out(app, caller, || give_once(app, caller, id, member, from)).await
}

async fn give_once(
    app: &App,
    caller: &Caller,
    id: MembershipId,
    member_id: MemberId,
    from: Option<Date>,
) -> Outcome<MembershipId> {
    let mut op = match Operation::begin(app, caller).await? {
        Start::Fresh(op) => op,
        Start::Replay(done) => return Ok(done),
    };
    let mut changing = changing(&mut op, id).await?;
    let from = from.unwrap_or(changing.today);
    member::load(&mut op, member_id).await?;
    let belongs = company::company_of(&mut op, member_id, from).await?;
    let payer = changing.membership.term_on(from).payer;
    let colleague = belongs.is_some_and(|company| payer == Payer::Company(company));
    let today = changing.today;
    let given = membership::give_seat(
        &changing.membership,
        member_id,
        colleague,
        from,
        today,
        &changing.catalogue,
    )?;
    let tenant = op.tenant();
    sqlx::query("insert into membership_seat (tenant_id, membership_id, member_id, first_day) values ($1, $2, $3, $4)")
        .bind(tenant)
        .bind(id.0)
        .bind(member_id.0)
        .bind(from.to_sqlx())
        .execute(op.conn())
        .await?;
    member::hold(&mut op, member_id).await?;
    changing.happens(&mut op, given)?;
    op.commit(id).await
}

/// Takes a seat away from a day on; today where none is said. What she booked with it from that day on is given up at no cost
/// and named: nobody agreed to pay for it any more, and its hours are the others'.
///
/// # Errors
/// As for giving one; nobody who has a seat.
pub async fn take_seat(
    app: &App,
    caller: &Caller,
    id: MembershipId,
    member: MemberId,
    from: Option<Date>,
) -> Outcome<SeatLost> {
    trouble::carry_out(app, caller, || async {
        let mut op = match Operation::begin(app, caller).await? {
            Start::Fresh(op) => op,
            Start::Replay(done) => return Ok(done),
        };
        let lost = take_in_op(&mut op, id, member, from).await?;
        op.commit(lost).await
    })
    .await
}

/// What taking a seat away would lead to, by the same decision; nothing is written.
///
/// # Errors
/// As [`take_seat`].
pub async fn quote_take_seat(
    app: &App,
    caller: &Caller,
    id: MembershipId,
    member: MemberId,
    from: Option<Date>,
) -> Result<SeatLost, UseCaseError> {
    let mut op = Operation::open(app, caller).await?;
    take_in_op(&mut op, id, member, from).await
}

async fn take_in_op(
    op: &mut Operation,
    id: MembershipId,
    member: MemberId,
    from: Option<Date>,
) -> Result<SeatLost, UseCaseError> {
    let mut changing = changing(op, id).await?;
    member::load(op, member).await?;
    let from = from.unwrap_or(changing.today);
    let given_up = lose(op, &mut changing, member, from).await?;
    Ok(SeatLost { from, given_up })
}

async fn lose(
    op: &mut Operation,
    changing: &mut Changing,
    member: MemberId,
    from: Date,
) -> Result<Vec<GivenUp>, UseCaseError> {
    let id = changing.membership.fact.membership_id;
    let taken = membership::take_seat(&changing.membership, member, from, changing.today)?;
    let tenant = op.tenant();
    sqlx::query(
        "delete from membership_seat where tenant_id = $1 and membership_id = $2 and member_id = $3 and first_day >= $4",
    )
    .bind(tenant)
    .bind(id.0)
    .bind(member.0)
    .bind(from.to_sqlx())
    .execute(op.conn())
    .await?;
    sqlx::query(
        "update membership_seat set end_day = $4
         where tenant_id = $1 and membership_id = $2 and member_id = $3 and (end_day is null or end_day > $4)",
    )
    .bind(tenant)
    .bind(id.0)
    .bind(member.0)
    .bind(from.to_sqlx())
    .execute(op.conn())
    .await?;
    changing.happens(op, taken)?;
    let mut given_up = Vec::new();
    for lost in booking::give_up_in_op(op, member, id, from).await? {
        given_up.push(GivenUp {
            resource_name: changing.catalogue.resource(lost.resource_id)?.name.clone(),
            booking_id: lost.booking_id,
            starts_at: lost.starts_at,
            time_zone: lost.time_zone,
        });
    }
    Ok(given_up)
}

/// The seat of somebody who leaves the company that pays for it; nothing where another pays.
pub(crate) async fn lose_seat_in_op(
    op: &mut Operation,
    id: MembershipId,
    member: MemberId,
    from: Date,
    payer: Payer,
) -> Result<Vec<GivenUp>, UseCaseError> {
    lock(op, id).await?;
    let mut changing = Changing::load_unchecked_in_op(op, id).await?;
    // The day of the membership's house may have begun already.
    let from = from.max(changing.today);
    if changing.membership.term_on(from).payer != payer || changing.membership.ended.is_some() {
        return Ok(Vec::new());
    }
    lose(op, &mut changing, member, from).await
}

/// The memberships that somebody has a seat of on a day or later.
pub(crate) async fn seats_of_in_op(
    op: &mut Operation,
    member: MemberId,
    from: Date,
) -> Result<Vec<MembershipId>, UseCaseError> {
    let tenant = op.tenant();
    let ids: Vec<Uuid> = sqlx::query_scalar(
        "select distinct membership_id from membership_seat
         where tenant_id = $1 and member_id = $2 and (end_day is null or end_day > $3) order by membership_id",
    )
    .bind(tenant)
    .bind(member.0)
    .bind(from.to_sqlx())
    .fetch_all(op.conn())
    .await?;
    Ok(ids.into_iter().map(MembershipId).collect())
}

/// The memberships that somebody holds and that have not ended.
pub(crate) async fn held_by_in_op(op: &mut Operation, member: MemberId) -> Result<Vec<MembershipId>, UseCaseError> {
    let tenant = op.tenant();
    let ids: Vec<Uuid> = sqlx::query_scalar(
        "select membership_id from membership_guard where tenant_id = $1 and member_id = $2 and not ended order by membership_id",
    )
    .bind(tenant)
    .bind(member.0)
    .fetch_all(op.conn())
    .await?;
    Ok(ids.into_iter().map(MembershipId).collect())
}

/// What somebody may use on a day: the memberships that she holds, and those that she has a seat of. A seat's row is held, so
/// that it is not taken away before whatever is done with it is written.
///
/// # Errors
/// When the database fails.
pub(crate) async fn usable_in_op(
    op: &mut Operation,
    member: MemberId,
    day: Date,
) -> Result<Vec<Membership>, UseCaseError> {
    let mut ids = held_by_in_op(op, member).await?;
    let tenant = op.tenant();
    let seats: Vec<Uuid> = sqlx::query_scalar(
        "select membership_id from membership_seat
         where tenant_id = $1 and member_id = $2 and first_day <= $3 and (end_day is null or end_day > $3)
         order by membership_id for share",
    )
    .bind(tenant)
    .bind(member.0)
    .bind(day.to_sqlx())
    .fetch_all(op.conn())
    .await?;
    ids.extend(seats.into_iter().map(MembershipId));
    let mut found = Vec::with_capacity(ids.len());
    for id in ids {
        found.push(load(op, id).await?.0);
    }
    Ok(found)
}

/// Lets somebody pay for her own membership from a day on, where a payer did until then; whether one did.
pub(crate) async fn pay_herself_in_op(
    op: &mut Operation,
    id: MembershipId,
    until_now: Payer,
    from: Date,
) -> Result<bool, UseCaseError> {
    let mut changing = Changing::load_unchecked_in_op(op, id).await?;
    let from = from.max(changing.today).max(changing.membership.fact.start);
    if !changing.membership.agreed_on(from) || changing.membership.term_on(from).payer != until_now {
        return Ok(false);
    }
    let herself = Payer::Member(changing.membership.fact.member_id);
    let fact = membership::change_payer(&changing.membership, herself, from)?;
    changing.happens(op, fact)?;
    changing.settle_in_op(op).await?;
    Ok(true)
}
