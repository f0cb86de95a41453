use super::may_make;
use crate::{App, Caller, Operation, Outcome, Start, trouble};
use coterie_domain::{
    CouponId, Refusal,
    coupon::{self, CouponEvent, NewCoupon},
};

/// Makes a coupon under a code that no other of the organization has. Operators and finance.
///
/// # Errors
/// All faulty fields at once; a code that is taken.
pub async fn create(app: &App, caller: &Caller, new: &NewCoupon) -> Outcome<CouponId> {
    trouble::carry_out(app, caller, || create_once(app, caller, new)).await
}

async fn create_once(app: &App, caller: &Caller, new: &NewCoupon) -> Outcome<CouponId> {
    may_make(caller)?;
    let mut op = match Operation::begin(app, caller).await? {
        Start::Fresh(op) => op,
        Start::Replay(done) => return Ok(done),
    };
    let catalogue = op.catalogue().await?;
    let id = CouponId(op.new_id());
    let created = coupon::create(id, new, &catalogue)?;
    let tenant = op.tenant();
    let rows = sqlx::query("insert into coupon_guard (tenant_id, coupon_id, code) values ($1, $2, $3) on conflict (tenant_id, code) do nothing")
        .bind(tenant)
        .bind(id.0)
        .bind(&created.code)
        .execute(op.conn())
        .await?
        .rows_affected();
    if rows == 0 {
        let sentence = format!(
            "There is a coupon {} already; please choose another code.",
            created.code
        );
        return Err(Refusal::field("code_taken", "code", sentence).into());
    }
    op.write(id.0, 0, [CouponEvent::from(created)])?;
    op.commit(id).await
}
