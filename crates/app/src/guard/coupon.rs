//! `coupon_guard`: every code once. `coupon_use`: every redemption, for those that are limited.

use super::shadow::Rows;
use crate::{UseCaseError, operation::decode};
use coterie_domain::{CouponId, coupon::CouponEvent, membership::CouponRedeemed};
use coterie_eventlog::RecordedEvent;
use serde_json::json;
use std::collections::BTreeMap;

#[derive(Default)]
pub(super) struct Coupons {
    codes: BTreeMap<CouponId, String>,
    redeemed: Vec<CouponRedeemed>,
}

impl Coupons {
    pub fn apply(&mut self, event: &RecordedEvent) -> Result<(), UseCaseError> {
        match decode(event)? {
            CouponEvent::CouponCreated(fact) => {
                self.codes.insert(fact.coupon_id, fact.code);
            }
            // Its code stays taken: invoices name it.
            CouponEvent::CouponWithdrawn(_) => {}
        }
        Ok(())
    }

    pub fn redeemed(&mut self, fact: CouponRedeemed) {
        self.redeemed.push(fact);
    }

    pub fn rows(&self, rows: &mut Rows) {
        for (id, code) in &self.codes {
            rows.push("coupon_guard", &json!({ "coupon_id": id, "code": code }));
        }
        for fact in &self.redeemed {
            rows.push(
                "coupon_use",
                &json!({
                    "coupon_id": fact.coupon_id,
                    "membership_id": fact.membership_id,
                    "from_day": fact.from,
                    "member_id": fact.member_id,
                }),
            );
        }
    }
}
