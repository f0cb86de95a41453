use crate::{CouponId, Money, PlanId, event::domain_events, money::round_half_away};
use jiff::civil::Date;
use rust_decimal::Decimal;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::fmt;

domain_events!(
    /// What happened to a coupon; that it was redeemed is the membership's event.
    CouponEvent, "coupon", { CouponCreated = 1, CouponWithdrawn = 1 }
);

/// What a coupon takes off the price of a cycle.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Off {
    Percent {
        percent: Decimal,
    },
    /// Of a whole cycle, told as the price that it is off: net, or with the tax in it.
    Fixed {
        amount: Money,
    },
}

impl Off {
    /// What it takes off a whole cycle's price: never more than that, rounded once, half away from zero.
    pub fn of(self, price: Money) -> Money {
        let minor = match self {
            Self::Percent { percent } => {
                round_half_away(Decimal::from(price.minor) * percent / Decimal::ONE_HUNDRED).min(price.minor)
            }
            Self::Fixed { amount } if amount.currency == price.currency => amount.minor.min(price.minor),
            Self::Fixed { .. } => 0,
        };
        Money::new(minor, price.currency)
    }

    /// What of it finds no price to be taken off, and lapses.
    pub fn beyond(self, price: Money) -> Option<Money> {
        match self {
            Self::Fixed { amount } if amount.currency == price.currency && amount.minor > price.minor => {
                Some(Money::new(amount.minor - price.minor, amount.currency))
            }
            _ => None,
        }
    }
}

impl fmt::Display for Off {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Percent { percent } => write!(f, "{} %", percent.normalize()),
            Self::Fixed { amount } => amount.fmt(f),
        }
    }
}

/// For how many cycles it counts, in words.
pub fn for_cycles(cycles: Option<i64>) -> String {
    match cycles {
        None => "for ever".to_owned(),
        Some(1) => "for one cycle".to_owned(),
        Some(cycles) => format!("for {cycles} cycles"),
    }
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct CouponCreated {
    pub coupon_id: CouponId,
    /// In capitals; whoever types it may write it as she likes.
    pub code: String,
    /// As it stands on invoices.
    pub name: String,
    pub off: Off,
    /// For how many cycles of a membership; none is for ever.
    pub cycles: Option<i64>,
    /// The plans whose price it is off; none is every plan.
    pub plans: Vec<PlanId>,
    /// The days on which it can be redeemed.
    pub first_day: Option<Date>,
    pub last_day: Option<Date>,
    /// How often it can be redeemed in all; none is any number.
    pub limit: Option<i64>,
    pub once_per_member: bool,
}

/// Nobody redeems it any more; where it was redeemed it goes on.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct CouponWithdrawn {
    pub coupon_id: CouponId,
}
