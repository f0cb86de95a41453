//! Coupons: made, withdrawn, and redeemed for memberships.

use coterie_app::{coupon, membership};
use coterie_domain::{
    CouponId, MembershipId, PlanId,
    coupon::{NewCoupon, NewOff, Off},
    membership::{CouponRedeemed, Membership},
};
use jiff::civil::Date;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::{
    command::{Command, Nothing},
    membership_changes::{MembershipChanged, carried},
    reading::{Id, PageQuery, Reading},
    reply::{Answer, Carried, CommandAnswer, List},
    words::Money,
};
use crate::{failure::Failure, json::ApiJson};

/// One of both is null.
#[derive(Debug, Serialize, ToSchema)]
pub struct TakesOff {
    /// Of the price of a cycle.
    #[schema(example = "12.5")]
    percent: Option<String>,
    /// Net, of a whole cycle, and no more than its price.
    amount: Option<Money>,
}

impl From<Off> for TakesOff {
    fn from(off: Off) -> Self {
        match off {
            Off::Percent { percent } => Self {
                percent: Some(percent.normalize().to_string()),
                amount: None,
            },
            Off::Fixed { amount } => Self {
                percent: None,
                amount: Some(amount.into()),
            },
        }
    }
}

#[derive(Debug, Serialize, ToSchema)]
pub struct Coupon {
    coupon_id: Uuid,
    /// In capitals; it may be typed in any letters.
    code: String,
    /// As it stands on invoices.
    name: String,
    off: TakesOff,
    /// For how many cycles of a membership; null is for ever.
    cycles: Option<i64>,
    /// The plans whose price it is off; none is every plan.
    plans: Vec<Uuid>,
    /// The days on which it can be redeemed.
    first_day: Option<Date>,
    last_day: Option<Date>,
    /// How often it can be redeemed in all.
    limit: Option<i64>,
    once_per_member: bool,
    /// How often it was.
    redeemed: i64,
    withdrawn: bool,
}

impl From<&coupon::page::CouponRow> for Coupon {
    fn from(row: &coupon::page::CouponRow) -> Self {
        let fact = &row.coupon.fact;
        Self {
            coupon_id: fact.coupon_id.0,
            code: fact.code.clone(),
            name: fact.name.clone(),
            off: fact.off.into(),
            cycles: fact.cycles,
            plans: fact.plans.iter().map(|plan| plan.0).collect(),
            first_day: fact.first_day,
            last_day: fact.last_day,
            limit: fact.limit,
            once_per_member: fact.once_per_member,
            redeemed: row.redeemed,
            withdrawn: row.coupon.withdrawn,
        }
    }
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CreateCoupon {
    /// 3 to 32 letters and digits.
    #[schema(example = "SPRING-26")]
    code: String,
    name: String,
    /// Give this or an amount.
    #[schema(value_type = Option<String>, example = "12.5")]
    percent: Option<Decimal>,
    amount: Option<Money>,
    /// Left out: for ever.
    cycles: Option<i64>,
    /// Left out: every plan.
    #[serde(default)]
    plans: Vec<Uuid>,
    first_day: Option<Date>,
    last_day: Option<Date>,
    /// Left out: any number of times.
    limit: Option<i64>,
    #[serde(default)]
    once_per_member: bool,
}

/// What a membership's coupon is and still gives.
#[derive(Debug, Serialize, ToSchema)]
pub struct RedeemedCoupon {
    coupon_id: Uuid,
    code: String,
    name: String,
    off: TakesOff,
    /// The first day of the first cycle that it counts for.
    from: Date,
    /// For how many cycles it counts; null is for ever.
    cycles: Option<i64>,
    /// For how many of those that have not begun; null is for ever.
    cycles_left: Option<i64>,
}

impl RedeemedCoupon {
    fn of(membership: &Membership, coupon: &CouponRedeemed) -> Self {
        Self {
            coupon_id: coupon.coupon_id.0,
            code: coupon.code.clone(),
            name: coupon.name.clone(),
            off: coupon.off.into(),
            from: coupon.from,
            cycles: coupon.cycles,
            cycles_left: membership.cycles_left(coupon),
        }
    }
}

#[derive(Debug, Serialize, ToSchema)]
pub struct MembershipCoupons {
    /// The oldest first.
    coupons: Vec<RedeemedCoupon>,
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RedeemCoupon {
    /// Its code.
    #[schema(example = "SPRING-26")]
    coupon: String,
}

#[utoipa::path(post, path = "/v1/coupons", tag = "catalogue", request_body = CreateCoupon,
    responses((status = 201, description = "Made: whoever knows its code can redeem it", body = Coupon)))]
pub async fn create(command: Command<CreateCoupon>) -> CommandAnswer<Coupon> {
    let (app, new) = (&command.house.app, command.body);
    let new = NewCoupon {
        code: new.code,
        name: new.name,
        off: NewOff {
            percent: new.percent,
            amount: new.amount.map(Into::into),
        },
        cycles: new.cycles,
        plans: new.plans.into_iter().map(PlanId).collect(),
        first_day: new.first_day,
        last_day: new.last_day,
        limit: new.limit,
        once_per_member: new.once_per_member,
    };
    let done = coupon::create(app, &command.caller, &new).await?;
    let row = coupon::page::find(app, command.caller.tenant, done.outcome).await?;
    Ok(Carried::created(&done, "/v1/coupons".to_owned(), Coupon::from(&row)))
}

#[utoipa::path(get, path = "/v1/coupons", tag = "catalogue", params(PageQuery),
    responses((status = 200, description = "Coupons by id", body = List<Coupon>)))]
pub async fn list(reading: Reading) -> Answer<List<Coupon>> {
    reading.settled(&[]).await?;
    let all = coupon::page::all(reading.app(), reading.tenant()).await?;
    Ok(List::by_id(
        &reading.page()?,
        all.iter(),
        |row| row.coupon.fact.coupon_id.0,
        Coupon::from,
    ))
}

#[utoipa::path(post, path = "/v1/coupons/{coupon_id}/withdraw", tag = "catalogue", params(("coupon_id" = Uuid, Path)), request_body = Nothing,
    responses((status = 200, description = "Nobody redeems it any more; where it was redeemed it goes on", body = Coupon)))]
pub async fn withdraw(Id(id): Id, command: Command<Nothing>) -> CommandAnswer<Coupon> {
    let app = &command.house.app;
    let done = coupon::withdraw(app, &command.caller, CouponId(id)).await?;
    let row = coupon::page::find(app, command.caller.tenant, CouponId(id)).await?;
    Ok(Carried::changed(&done, Coupon::from(&row)))
}

#[utoipa::path(post, path = "/v1/memberships/{membership_id}/coupons", tag = "memberships", params(("membership_id" = Uuid, Path)), request_body = RedeemCoupon,
    responses((status = 200, description = "Redeemed: it counts from the next cycle that opens", body = MembershipChanged)))]
pub async fn redeem(Id(id): Id, command: Command<RedeemCoupon>) -> CommandAnswer<MembershipChanged> {
    let code = &command.body.coupon;
    let done = coupon::redeem(&command.house.app, &command.caller, MembershipId(id), code).await?;
    Ok(carried(id, &done))
}

#[utoipa::path(get, path = "/v1/memberships/{membership_id}/coupons", tag = "memberships", params(("membership_id" = Uuid, Path)),
    responses((status = 200, description = "The coupons of a membership and what they still give", body = MembershipCoupons)))]
pub async fn of_membership(Id(id): Id, reading: Reading) -> Answer<MembershipCoupons> {
    reading.settled(&[]).await?;
    let found = membership::agreement(reading.app(), reading.tenant(), MembershipId(id)).await?;
    let membership = found.ok_or_else(Failure::not_found)?;
    let coupons = membership.coupons.iter();
    Ok(ApiJson(MembershipCoupons {
        coupons: coupons.map(|coupon| RedeemedCoupon::of(&membership, coupon)).collect(),
    }))
}
