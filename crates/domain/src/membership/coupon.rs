//! What coupons take off the days of a membership. It is a function of the redemption and of the cycle that a day lies in, as
//! the price is: so what is given back of a day gives back what was taken off it, to the cent.

use super::{CouponRedeemed, Membership, Stretch};
use crate::{
    CouponId, Money,
    charge::Because,
    coupon::{Off, for_cycles},
    plan::PlanVersionPublished,
    tax,
};
use jiff::civil::Date;

/// What is taken off some days of a cycle.
#[derive(Debug, Clone, PartialEq)]
pub struct TakenOff {
    pub coupon_id: CouponId,
    pub name: String,
    /// Of the whole cycle, above nothing.
    pub whole: Money,
    /// Of the days.
    pub net: Money,
    pub because: Vec<Because>,
}

impl Membership {
    /// The coupon that counts for the cycle of a day, opened or the next one to open.
    pub fn coupon_on(&self, day: Date) -> Option<&CouponRedeemed> {
        self.coupons.iter().find(|coupon| {
            coupon.from <= day
                && coupon
                    .cycles
                    .is_none_or(|most| self.opened_before(coupon.from, day) < most)
        })
    }

    /// How many cycles opened from a day on are over before another.
    fn opened_before(&self, from: Date, day: Date) -> i64 {
        let over = self
            .opened
            .iter()
            .filter(|(_, days)| from <= days.start && days.end <= day);
        i64::try_from(over.count()).unwrap_or(i64::MAX)
    }

    /// How many cycles a coupon still counts for after those that are open; none is for ever.
    pub fn cycles_left(&self, coupon: &CouponRedeemed) -> Option<i64> {
        let opened = self.opened.iter().filter(|(_, days)| coupon.from <= days.start).count();
        let most = coupon.cycles?;
        Some((most - i64::try_from(opened).unwrap_or(i64::MAX)).max(0))
    }

    /// What the coupon of then takes off some days of a cycle; `None` where it takes off nothing.
    pub fn taken_off(&self, stretch: &Stretch, plan: &PlanVersionPublished) -> Option<TakenOff> {
        // A coupon is off the plan's price, and not off what stands beside it.
        let coupon = self
            .coupon_on(stretch.days.start)
            .filter(|_| stretch.add_on.is_none())?;
        if !coupon.plans.is_empty() && !coupon.plans.contains(&plan.plan_id) {
            return None;
        }
        let told = coupon.off.of(stretch.price);
        let (whole, net) = stretch.taken_off(told);
        (net.minor != 0).then(|| TakenOff {
            coupon_id: coupon.coupon_id,
            name: format!("{}, {} off {}", coupon.name, coupon.off, plan.name),
            whole,
            net,
            because: explain(coupon, stretch, plan, (told, net)),
        })
    }
}

/// Why it is that much, for people.
fn explain(
    coupon: &CouponRedeemed,
    stretch: &Stretch,
    plan: &PlanVersionPublished,
    (whole, net): (Money, Money),
) -> Vec<Because> {
    let rule = Some(coupon.coupon_id.0);
    let step = |text| Because { text, rule };
    let mut because = vec![step(format!(
        "Coupon {} takes {} off a {}, {} from {}",
        coupon.code,
        coupon.off,
        plan.length,
        for_cycles(coupon.cycles),
        coupon.from
    ))];
    match (coupon.off, coupon.off.beyond(stretch.price)) {
        (Off::Percent { .. }, _) => because.push(step(format!(
            "{} of {}{} is {whole}",
            coupon.off,
            stretch.price,
            tax::including(stretch.tax_included)
        ))),
        (Off::Fixed { .. }, Some(beyond)) => because.push(step(format!(
            "A coupon takes off no more than the price, {}: {beyond} of it lapses",
            stretch.price
        ))),
        (Off::Fixed { .. }, None) => {}
    }
    if stretch.days != stretch.cycle {
        because.push(step(format!(
            "{} of the {} days from {} to {}",
            stretch.days.count(),
            stretch.cycle.count(),
            stretch.cycle.start,
            stretch.cycle.last()
        )));
    }
    because.extend(stretch.told_because(whole, net));
    because
}
