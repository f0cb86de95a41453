use super::{load, may_make};
use crate::{App, Caller, Operation, Outcome, Start, trouble};
use coterie_domain::{
    CouponId,
    coupon::{self, CouponEvent},
};

/// Lets nobody redeem a coupon any more; where it was redeemed it goes on. Operators and finance.
///
/// # Errors
/// `NotFound` for an unknown coupon; one that is withdrawn already.
pub async fn withdraw(app: &App, caller: &Caller, id: CouponId) -> Outcome<CouponId> {
    trouble::carry_out(app, caller, || withdraw_once(app, caller, id)).await
}

async fn withdraw_once(app: &App, caller: &Caller, id: CouponId) -> Outcome<CouponId> {
    may_make(caller)?;
    let mut op = match Operation::begin(app, caller).await? {
        Start::Fresh(op) => op,
        Start::Replay(done) => return Ok(done),
    };
    // Whoever redeems it at this moment holds the row, and has it or finds it withdrawn.
    let tenant = op.tenant();
    sqlx::query("select from coupon_guard where tenant_id = $1 and coupon_id = $2 for update")
        .bind(tenant)
        .bind(id.0)
        .execute(op.conn())
        .await?;
    let (found, version) = load(&mut op, id).await?;
    let withdrawn = coupon::withdraw(&found)?;
    op.write(id.0, version, [CouponEvent::from(withdrawn)])?;
    op.commit(id).await
}
