//! A code that staff redeem for a member, and what her coupons still give.

use axum::{extract::Path, response::Response};
use coterie_app::coupon;
use coterie_domain::{
    MembershipId,
    membership::{CouponRedeemed, Membership},
};

use super::{
    super::{desk::Desk, form::Form, times},
    Found, Ids, finish,
};
use crate::{components::Field, failure::Failure, form::Submitted};

pub(super) fn form(here: &str) -> Form {
    Form::post(format!("{here}/coupons"), "Redeem it").with(
        Field::text("coupon", "Code")
            .hint("It counts from the next cycle that begins.")
            .attribute("maxlength", "64")
            .autocomplete("off"),
    )
}

/// `Spring: 50 % off, from 1 Feb 2026, for 2 more cycles`
pub(super) fn told(membership: &Membership, coupon: &CouponRedeemed) -> String {
    let left = match membership.cycles_left(coupon) {
        None => "for ever".to_owned(),
        Some(0) => "for no cycle after this one".to_owned(),
        Some(1) => "for 1 more cycle".to_owned(),
        Some(cycles) => format!("for {cycles} more cycles"),
    };
    let from = times::day(coupon.from);
    format!(
        "{} ({}): {} off, from {from}, {left}",
        coupon.name, coupon.code, coupon.off
    )
}

/// Redeems it.
pub(in crate::operator) async fn redeem(desk: Desk, Path(ids): Ids, submitted: Submitted) -> Result<Response, Failure> {
    Found::load(&desk, ids.0, ids.1).await?;
    let code = submitted.get("coupon");
    let outcome = coupon::redeem(&desk.house.app, &desk.caller(), MembershipId(ids.1), code).await;
    let outcome = outcome.map_err(Failure::from);
    finish(desk, ids, "coupons", "The coupon is redeemed.", &submitted, outcome).await
}
