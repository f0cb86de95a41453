use super::{CreditGranted, Holds};
use crate::{LotId, MembershipId, Money};
use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A lot that can be drawn on, as its guard row says.
#[expect(clippy::struct_field_names, reason = "ids are named by noun everywhere")]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Lot {
    pub lot_id: LotId,
    pub membership_id: MembershipId,
    pub holds: Holds,
    pub left: i64,
    pub valid_from: Timestamp,
    pub valid_until: Timestamp,
}

impl From<&CreditGranted> for Lot {
    fn from(fact: &CreditGranted) -> Self {
        Self {
            lot_id: fact.lot_id,
            membership_id: fact.membership_id,
            holds: fact.holds,
            left: fact.amount,
            valid_from: fact.valid_from,
            valid_until: fact.valid_until,
        }
    }
}

/// Minutes drawn from one lot.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct CreditUse {
    pub lot_id: LotId,
    pub minutes: i64,
}

/// Money drawn from one lot, net.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct MoneyUse {
    pub lot_id: LotId,
    pub amount: Money,
}

/// Draws `minutes` for a booking that starts at `start`, from what the membership that it is made by was granted. What the lots
/// do not cover is charged by the caller.
pub fn draw(lots: &[Lot], membership: MembershipId, start: Timestamp, minutes: i64) -> Vec<CreditUse> {
    let hours = |lot: &Lot| matches!(lot.holds, Holds::Minutes { .. }) && lot.membership_id == membership;
    drawn(lots, start, minutes, hours)
        .map(|(lot_id, minutes)| CreditUse { lot_id, minutes })
        .collect()
}

/// The pass that pays for a day which opens at `start`, where one is left.
pub fn draw_pass(lots: &[Lot], membership: MembershipId, start: Timestamp) -> Option<LotId> {
    let passes = |lot: &Lot| lot.holds == Holds::DayPasses && lot.membership_id == membership;
    drawn(lots, start, 1, passes).map(|(lot_id, _)| lot_id).next()
}

/// Draws money for what `price` is left to pay of something that starts at `start`. A plan's money pays for what falls under
/// the membership of the plan, in its currency: no other company is out of pocket for it.
pub fn draw_money(lots: &[Lot], membership: MembershipId, start: Timestamp, price: Money) -> Vec<MoneyUse> {
    let currency = price.currency;
    let money = |lot: &Lot| lot.holds == Holds::Money { currency } && lot.membership_id == membership;
    drawn(lots, start, price.minor, money)
        .map(|(lot_id, minor)| MoneyUse {
            lot_id,
            amount: Money::new(minor, currency),
        })
        .collect()
}

/// What each lot gives to one booking or pass, whatever it holds.
pub fn parts(minutes: &[CreditUse], money: &[MoneyUse]) -> Vec<(LotId, i64)> {
    let minutes = minutes.iter().map(|part| (part.lot_id, part.minutes));
    minutes
        .chain(money.iter().map(|part| (part.lot_id, part.amount.minor)))
        .collect()
}

/// What all of it comes to, in minor units.
pub fn paid_minor(uses: &[MoneyUse]) -> i64 {
    uses.iter().map(|part| part.amount.minor).sum()
}

/// What all of it comes to; `None` where nothing was drawn.
pub fn paid(uses: &[MoneyUse]) -> Option<Money> {
    let first = uses.first()?;
    Some(Money::new(paid_minor(uses), first.amount.currency))
}

/// Of the lots of a kind the earliest expiry first, then by id so that the order is total.
fn drawn(lots: &[Lot], start: Timestamp, wanted: i64, of: impl Fn(&Lot) -> bool) -> impl Iterator<Item = (LotId, i64)> {
    let mut usable: Vec<Lot> = lots
        .iter()
        .copied()
        .filter(|lot| lot.left > 0 && lot.valid_from <= start && start < lot.valid_until && of(lot))
        .collect();
    usable.sort_by_key(|lot| (lot.valid_until, lot.lot_id));
    let mut wanted = wanted;
    usable.into_iter().filter_map(move |lot| {
        let amount = lot.left.min(wanted);
        wanted -= amount.max(0);
        (amount > 0).then_some((lot.lot_id, amount))
    })
}
