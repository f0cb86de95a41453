//! Coupons: made, withdrawn, redeemed. `coupon_guard` has each code once and `coupon_use` every redemption; whoever redeems
//! holds the row of the code, so that no more of them are redeemed than there are.

mod create;
pub mod page;
mod redeem;
mod withdraw;

pub use create::*;
pub use redeem::*;
pub use withdraw::*;

use crate::{Caller, Operation, UseCaseError, access};
use coterie_domain::{
    CouponId, MemberId,
    coupon::{self, Coupon, CouponEvent, Used},
    membership::CouponRedeemed,
};
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
/// A code that nobody made; whatever the database says.
pub(crate) async fn find_in_op(
    op: &mut Operation,
    code: &str,
    member: MemberId,
    redeeming: bool,
) -> Result<(Coupon, Used), UseCaseError> {
    let (tenant, code) = (op.tenant(), coupon::code_key(code));
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
