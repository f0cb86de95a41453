//! Coupons: made, withdrawn, redeemed. `coupon_guard` has each code once and `coupon_use` every redemption; whoever redeems
//! holds the row of the code, so that no more of them are redeemed than there are.

mod create;
pub mod page;
mod redeem;
mod withdraw;

pub use create::*;
pub use redeem::*;
pub use withdraw::*;

use crate::{
    Actor, App, Caller, Operation, UseCaseError, access, clock,
    wrong_tries::{self, Guessed},
};
use coterie_domain::{
    CouponId, MemberId, Refusal,
    coupon::{self, Coupon, CouponEvent, Used},
    membership::CouponRedeemed,
};
use jiff::SignedDuration;
use jiff_sqlx::ToSqlx;

/// Whoever runs the houses or sees to the money makes coupons.
fn may_make(caller: &Caller) -> Result<(), UseCaseError> {
    access::operates(caller).or_else(|_| access::finances(caller))
}

async fn load(op: &mut Operation, id: CouponId) -> Result<(Coupon, i64), UseCaseError> {
    op.load::<CouponEvent, Coupon>(id.0, Coupon::evolve)
        .await?
        .ok_or(UseCaseError::NotFound)
}

/// The coupon of a code and how often it was redeemed; its row is locked where somebody is about to redeem it.
///
/// # Errors
/// A code that nobody made, or after several of them: callers count those by [`counting_guesses`].
pub(crate) async fn find_in_op(
    op: &mut Operation,
    code: &str,
    member: MemberId,
    redeeming: bool,
) -> Result<(Coupon, Used), UseCaseError> {
    let (tenant, code) = (op.tenant(), coupon::code_key(code));
    if let Some(guessed) = guessed_by(op.caller())
        && let Some(wait) = wrong_tries::wait_in_op(op.conn(), tenant, guessed).await?
    {
        return Err(waits(wait).into());
    }
    let sql = if redeeming {
        "select coupon_id from coupon_guard where tenant_id = $1 and code = $2 for update"
    } else {
        "select coupon_id from coupon_guard where tenant_id = $1 and code = $2"
    };
    let id: Option<uuid::Uuid> = sqlx::query_scalar(sql)
        .bind(tenant)
        .bind(&code)
        .fetch_optional(op.conn())
        .await?;
    let id = id.ok_or_else(coupon::unknown)?;
    let (found, _) = load(op, CouponId(id)).await?;
    let (in_all, by_member): (i64, bool) = sqlx::query_as(
        "select count(*), coalesce(bool_or(member_id = $3), false) from coupon_use where tenant_id = $1 and coupon_id = $2",
    )
    .bind(tenant)
    .bind(id)
    .bind(member.0)
    .fetch_one(op.conn())
    .await?;
    Ok((found, Used { in_all, by_member }))
}

/// A member may try codes; staff know them.
fn guessed_by(caller: &Caller) -> Option<Guessed<'static>> {
    match caller.actor {
        Actor::Member(member) => Some(Guessed::Coupon(member.0)),
        _ => None,
    }
}

/// What came of a use case that took a code; a member's code that nobody made is counted, and after several of them none is
/// looked at for a time.
pub(crate) async fn counting_guesses<T>(
    app: &App,
    caller: &Caller,
    outcome: Result<T, UseCaseError>,
) -> Result<T, UseCaseError> {
    let Err(error) = &outcome else { return outcome };
    let (Some(coupon::UNKNOWN), Some(guessed)) = (error.code(), guessed_by(caller)) else {
        return outcome;
    };
    let wait = match wrong_tries::count(app, caller.tenant, guessed).await? {
        Ok(tries) => tries.wait(clock::wall_now()),
        Err(wait) => Some(wait),
    };
    match wait {
        Some(wait) => Err(waits(wait).into()),
        None => outcome,
    }
}

fn waits(wait: SignedDuration) -> Refusal {
    wrong_tries::waits("coupon_waits", coupon::FIELD, wait, |time| {
        format!("There were too many codes that nobody made. None is looked at for {time}.")
    })
}

/// The guard row of a redemption, which is one of those that are counted.
pub(crate) async fn use_in_op(op: &mut Operation, redeemed: &CouponRedeemed) -> Result<(), UseCaseError> {
    let tenant = op.tenant();
    sqlx::query(
        "insert into coupon_use (tenant_id, coupon_id, membership_id, from_day, member_id) values ($1, $2, $3, $4, $5)",
    )
    .bind(tenant)
    .bind(redeemed.coupon_id.0)
    .bind(redeemed.membership_id.0)
    .bind(redeemed.from.to_sqlx())
    .bind(redeemed.member_id.0)
    .execute(op.conn())
    .await?;
    Ok(())
}
