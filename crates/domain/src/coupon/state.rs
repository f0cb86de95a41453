use super::{CouponCreated, CouponEvent, CouponWithdrawn};
use crate::refusal::Refusal;

/// What is known of a coupon, folded from its stream.
#[derive(Debug, Clone, PartialEq)]
pub struct Coupon {
    pub fact: CouponCreated,
    pub withdrawn: bool,
}

impl Coupon {
    pub fn evolve(state: Option<Self>, event: CouponEvent) -> Option<Self> {
        match event {
            CouponEvent::CouponCreated(fact) => Some(Self { fact, withdrawn: false }),
            CouponEvent::CouponWithdrawn(_) => state.map(|coupon| Self {
                withdrawn: true,
                ..coupon
            }),
        }
    }
}

/// # Errors
/// When it is withdrawn already.
pub fn withdraw(coupon: &Coupon) -> Result<CouponWithdrawn, Refusal> {
    if coupon.withdrawn {
        return Err(Refusal::conflict(
            "already_withdrawn",
            "This coupon is withdrawn already.",
        ));
    }
    Ok(CouponWithdrawn {
        coupon_id: coupon.fact.coupon_id,
    })
}
