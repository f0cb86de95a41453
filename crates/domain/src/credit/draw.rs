use super::{CreditGranted, CreditPackBought, Holds};
use crate::{
    CreditPackId, LotId, MemberId, MembershipId, Money, catalogue::Catalogue, location::LocationOpened,
    membership::Membership,
};
use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

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
    /// Where it was bought: of what, and by whom.
    pub pack: Option<OfPack>,
}

/// Whose a lot is that was bought: nobody else draws on it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OfPack {
    pub credit_pack_id: CreditPackId,
    pub member_id: MemberId,
}

impl From<&CreditPackBought> for Lot {
    fn from(fact: &CreditPackBought) -> Self {
        Self {
            pack: Some(OfPack {
                credit_pack_id: fact.credit_pack_id,
                member_id: fact.member_id,
            }),
            ..Self::from(&fact.lot())
        }
    }
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
            pack: None,
        }
    }
}

/// Who draws on lots for something, and on which: what the membership was granted that it falls under, and what she bought of the
/// packs that pay for it.
#[derive(Debug, Clone)]
pub struct Drawing {
    pub membership_id: MembershipId,
    pub member_id: MemberId,
    pub starts_at: Timestamp,
    /// The packs that pay for it.
    pub packs: BTreeSet<CreditPackId>,
}

impl Drawing {
    /// For something of a tax category at a location. A pack pays where the membership is with the company that sold it and the
    /// location is that company's, so no other company is out of pocket.
    pub fn new(
        membership: &Membership,
        member_id: MemberId,
        starts_at: Timestamp,
        location: &LocationOpened,
        tax_category: &str,
        catalogue: &Catalogue,
    ) -> Self {
        let packs = catalogue.credit_packs.values().filter(|pack| {
            pack.fact.legal_entity_id == membership.fact.legal_entity_id && pack.pays_at(location, tax_category)
        });
        Self {
            membership_id: membership.fact.membership_id,
            member_id,
            starts_at,
            packs: packs.map(|pack| pack.fact.credit_pack_id).collect(),
        }
    }

    fn may(&self, lot: &Lot) -> bool {
        match lot.pack {
            None => lot.membership_id == self.membership_id,
            Some(of) => of.member_id == self.member_id && self.packs.contains(&of.credit_pack_id),
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

/// Draws `minutes` for a booking. What the lots do not cover is charged by the caller.
pub fn draw(lots: &[Lot], drawing: &Drawing, minutes: i64) -> Vec<CreditUse> {
    let hours = |lot: &Lot| matches!(lot.holds, Holds::Minutes { .. }) && drawing.may(lot);
    drawn(lots, drawing.starts_at, minutes, hours)
        .map(|(lot_id, minutes)| CreditUse { lot_id, minutes })
        .collect()
}

/// The pass that pays for a day which opens then, where one is left.
pub fn draw_pass(lots: &[Lot], drawing: &Drawing) -> Option<LotId> {
    let passes = |lot: &Lot| lot.holds == Holds::DayPasses && drawing.may(lot);
    drawn(lots, drawing.starts_at, 1, passes)
        .map(|(lot_id, _)| lot_id)
        .next()
}

/// Draws money for what `price` is left to pay of something. A plan's money pays for what falls under
/// the membership of the plan, in its currency: no other company is out of pocket for it.
pub fn draw_money(lots: &[Lot], drawing: &Drawing, price: Money) -> Vec<MoneyUse> {
    let currency = price.currency;
    let money = |lot: &Lot| lot.holds == Holds::Money { currency } && drawing.may(lot);
    drawn(lots, drawing.starts_at, price.minor, money)
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
