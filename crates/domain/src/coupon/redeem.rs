use super::Coupon;
use super::{Off, for_cycles};
use crate::{
    membership::{CouponRedeemed, Membership, cycle_after},
    refusal::Refusal,
};
use jiff::civil::Date;

/// How often a coupon was redeemed before; read under the lock of its guard.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Used {
    pub in_all: i64,
    pub by_member: bool,
}

/// The field that codes are typed into, wherever they are.
pub const FIELD: &str = "coupon";
/// The refusal of a code that nobody made.
pub const UNKNOWN: &str = "unknown_coupon";

/// A code that nobody made.
pub fn unknown() -> Refusal {
    refused(UNKNOWN, "There is no coupon of this code.")
}

fn refused(code: &'static str, sentence: impl Into<String>) -> Refusal {
    Refusal::field(code, FIELD, sentence)
}

/// Redeems a coupon for a membership. It counts from the first cycle of one that begins with it, else from the next one that
/// opens: what is charged already stays as it was agreed. Its cycles are counted as they open, paused or not, as
/// those of a term are.
///
/// # Errors
/// A coupon that is withdrawn, not for today, used up, this member's already, not for this plan or currency; a membership that
/// ends before it would count, or that has a coupon by then.
pub fn redeem(coupon: &Coupon, used: Used, membership: &Membership, today: Date) -> Result<CouponRedeemed, Refusal> {
    let fact = &coupon.fact;
    if coupon.withdrawn {
        return Err(refused("coupon_withdrawn", "This coupon is no longer given."));
    }
    if let Some(first) = fact.first_day.filter(|first| today < *first) {
        let sentence = format!("This coupon can be redeemed from {first} on.");
        return Err(refused("coupon_not_yet", sentence));
    }
    if let Some(last) = fact.last_day.filter(|last| *last < today) {
        let sentence = format!("This coupon could be redeemed until {last}.");
        return Err(refused("coupon_over", sentence));
    }
    if fact.limit.is_some_and(|limit| used.in_all >= limit) {
        return Err(refused(
            "coupon_used_up",
            "This coupon was redeemed as often as it can be.",
        ));
    }
    if fact.once_per_member && used.by_member {
        return Err(refused(
            "coupon_used_before",
            "You can redeem this coupon once, and it was redeemed already.",
        ));
    }
    let from = membership
        .cycle
        .map_or(membership.fact.start, |cycle| cycle_after(membership, cycle).days.start);
    if !membership.agreed_on(from) || membership.ended.is_some() {
        return Err(refused(
            "membership_ends_before",
            "The membership ends before this coupon could count.",
        ));
    }
    let term = membership.term_on(from);
    if !fact.plans.is_empty() && !fact.plans.contains(&term.plan_id) {
        return Err(refused(
            "coupon_for_other_plans",
            format!("This coupon is not for {}.", term.plan_name),
        ));
    }
    if let Off::Fixed { amount } = fact.off
        && amount.currency != term.price.currency
    {
        return Err(refused(
            "coupon_in_another_currency",
            format!(
                "This coupon is in {}, and {} in {}.",
                amount.currency, term.plan_name, term.price.currency
            ),
        ));
    }
    if let Some(other) = membership.coupon_on(from) {
        return Err(refused(
            "coupon_beside_another",
            format!(
                "{} counts for this membership, {} from {}: one coupon at a time.",
                other.name,
                for_cycles(other.cycles),
                other.from
            ),
        ));
    }
    Ok(CouponRedeemed {
        membership_id: membership.fact.membership_id,
        member_id: membership.fact.member_id,
        coupon_id: fact.coupon_id,
        code: fact.code.clone(),
        name: fact.name.clone(),
        off: fact.off,
        cycles: fact.cycles,
        plans: fact.plans.clone(),
        from,
    })
}
