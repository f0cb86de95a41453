//! Lots that were bought: what of their price is earned by each use, and taking one back.

use super::{CreditExpired, CreditGranted, CreditLot, CreditRestored, CreditUsed, Holds, UsedBy};
use crate::{
    ChargeId, CreditPackId, LegalEntityId, LotId, MemberId, MembershipId, Money, money::round_half_away,
    refusal::Refusal,
};
use jiff::{Timestamp, civil::Date};
use rust_decimal::Decimal;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// A member bought a pack: a lot that no plan granted.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct CreditPackBought {
    pub lot_id: LotId,
    pub credit_pack_id: CreditPackId,
    /// Who sold it, and at whose locations it is used.
    pub legal_entity_id: LegalEntityId,
    /// The membership by which it was bought; it outlives that.
    pub membership_id: MembershipId,
    /// Who bought it, and nobody else draws on it.
    pub member_id: MemberId,
    pub charge_id: ChargeId,
    /// As the pack was called.
    pub name: String,
    pub holds: Holds,
    pub amount: i64,
    /// Net, of the whole of it.
    pub price: Money,
    /// Something may draw on the lot when it starts in `[valid_from, valid_until)`.
    pub valid_from: Timestamp,
    pub valid_until: Timestamp,
    /// The last day of it, where it was sold.
    pub last_day: Date,
}

impl CreditPackBought {
    /// The lot that it is, drawn on as any other.
    pub fn lot(&self) -> CreditGranted {
        CreditGranted {
            lot_id: self.lot_id,
            membership_id: self.membership_id,
            member_id: self.member_id,
            holds: self.holds,
            amount: self.amount,
            valid_from: self.valid_from,
            valid_until: self.valid_until,
        }
    }
}

/// The purchase was undone: by a credit note, or because no invoice had taken its charge.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct CreditPackTakenBack {
    pub lot_id: LotId,
    /// All that it held.
    pub amount: i64,
}

/// A part of what a pack was sold for that is earned, and the day to which it belongs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Earned {
    pub amount: Money,
    pub on: Date,
}

/// What a use of `amount` earns where `left` is left and `value_left` of the price is not earned: its part, rounded once, so that
/// the last use earns what is left and all of them together the price.
pub fn earned_by(value_left: i64, left: i64, amount: i64) -> i64 {
    if amount >= left {
        return value_left;
    }
    let part = Decimal::from(value_left) * Decimal::from(amount.max(0)) / Decimal::from(left.max(1));
    round_half_away(part)
}

/// A use of a lot that is locked, of which `left` is left. Of one that was bought `value_left` is not earned, and what the use earns
/// belongs to the day of what drew on it.
pub fn use_of(
    lot_id: LotId,
    (left, value_left): (i64, Option<Money>),
    used_by: UsedBy,
    amount: i64,
    on: Date,
) -> CreditUsed {
    CreditUsed {
        lot_id,
        used_by,
        amount,
        earned: value_left.map(|value| Earned {
            amount: Money::new(earned_by(value.minor, left, amount), value.currency),
            on,
        }),
    }
}

/// Gives a use back to its lot: of one that was bought, exactly what that use earned is not earned any more.
pub fn restoration(lot: &CreditLot, used_by: UsedBy, amount: i64) -> CreditRestored {
    let earned = lot.pack.as_ref().and_then(|pack| pack.uses.get(&used_by).copied());
    CreditRestored {
        lot_id: lot.fact.lot_id,
        used_by,
        amount,
        earned,
    }
}

/// What is left of a pack lapses: what of its price is not earned is, on its last day. Nothing where nothing is left.
pub fn lapse(lot: &CreditLot) -> Option<CreditExpired> {
    let sold = lot.pack.as_ref()?;
    (lot.left > 0).then(|| CreditExpired {
        lot_id: lot.fact.lot_id,
        amount: lot.left,
        earned: Some(Earned {
            amount: sold.value_left(),
            on: sold.fact.last_day,
        }),
    })
}

/// What is known of a lot because it was sold.
#[derive(Debug, Clone, PartialEq)]
pub struct SoldPack {
    pub fact: CreditPackBought,
    /// Of its price, what is not earned: the liability, in minor units.
    pub value_left: i64,
    /// What each use that stands earned.
    pub uses: BTreeMap<UsedBy, Earned>,
    pub taken_back: bool,
}

impl SoldPack {
    pub fn value_left(&self) -> Money {
        Money::new(self.value_left, self.fact.price.currency)
    }

    pub(super) fn used(&mut self, by: UsedBy, earned: Option<Earned>) {
        if let Some(earned) = earned {
            self.value_left -= earned.amount.minor;
            self.uses.insert(by, earned);
        }
    }

    pub(super) fn restored(&mut self, by: UsedBy, earned: Option<Earned>) {
        if let Some(earned) = earned {
            self.value_left += earned.amount.minor;
            self.uses.remove(&by);
        }
    }
}

/// Takes back a pack of which nothing was used: with the whole line of its invoice, or with its charge.
///
/// # Errors
/// What says what to do instead: where some of it is used or lapsed, where only a part of its price would go back.
pub fn take_back(lot: &CreditLot, whole: bool) -> Result<CreditPackTakenBack, Refusal> {
    let Some(sold) = &lot.pack else {
        return Err(Refusal::conflict(
            "no_pack",
            "This was not bought, so it is not taken back.",
        ));
    };
    let name = &sold.fact.name;
    if sold.taken_back {
        return Err(Refusal::conflict(
            "already_taken_back",
            format!("\u{201c}{name}\u{201d} was taken back already."),
        ));
    }
    let told = |amount| lot.fact.holds.told(amount);
    if lot.expired > 0 {
        let sentence = format!(
            "\u{201c}{name}\u{201d} has lapsed with {} unused, which is earned. It is not taken back; give hours as a courtesy instead.",
            told(lot.expired)
        );
        return Err(Refusal::conflict("pack_lapsed", sentence));
    }
    if lot.left != lot.fact.amount {
        let sentence = format!(
            "Of \u{201c}{name}\u{201d} {} are used. Cancel what drew on it while that is free, then take the whole pack back; \
             or credit the other lines of the invoice by themselves.",
            told(lot.fact.amount - lot.left)
        );
        return Err(Refusal::conflict("pack_used", sentence));
    }
    if !whole {
        let sentence =
            format!("\u{201c}{name}\u{201d} is taken back whole or not at all: its hours go with its price.");
        return Err(Refusal::conflict("part_of_a_pack", sentence));
    }
    Ok(CreditPackTakenBack {
        lot_id: lot.fact.lot_id,
        amount: lot.left,
    })
}
