//! Who pays for what, where a company settles a membership: the company, or whoever used it.

use super::{Membership, SplitSet};
use crate::{
    MemberId, Payer,
    charge::{Because, ChargeKind},
    refusal::Refusal,
};
use jiff::civil::Date;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Kinds of charge that one payer takes together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Item {
    /// The price of the plan, what is given back or taken off it, and its fees.
    Plan,
    /// Booked time beyond the allowance, and what giving it up late or not coming costs.
    Bookings,
    Passes,
    /// What staff charge beside the plan, and packs of credits.
    OneOff,
    Metered,
}

impl Item {
    pub const ALL: [Self; 5] = [Self::Plan, Self::Bookings, Self::Passes, Self::OneOff, Self::Metered];

    pub fn name(self) -> &'static str {
        match self {
            Self::Plan => "plan",
            Self::Bookings => "bookings",
            Self::Passes => "passes",
            Self::OneOff => "one_off",
            Self::Metered => "metered",
        }
    }
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|item| item.name() == name)
    }
    /// As sentences have it.
    pub fn words(self) -> &'static str {
        match self {
            Self::Plan => "the plan",
            Self::Bookings => "bookings",
            Self::Passes => "day passes",
            Self::OneOff => "single charges",
            Self::Metered => "metered use",
        }
    }
    /// Whatever belongs to nothing else goes with the plan's price.
    pub fn of(kind: ChargeKind) -> Self {
        match kind {
            ChargeKind::Booking | ChargeKind::CancellationFee => Self::Bookings,
            ChargeKind::Pass => Self::Passes,
            ChargeKind::OneOff | ChargeKind::CreditPack => Self::OneOff,
            ChargeKind::Metered => Self::Metered,
            _ => Self::Plan,
        }
    }
}

/// What whoever uses a membership pays herself, from a day on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Split {
    pub from: Date,
    pub own: Vec<Item>,
}

/// Who pays for a charge, and why it is not simply whose membership it is.
#[derive(Debug, Clone, PartialEq)]
pub struct PaidBy {
    pub payer: Payer,
    pub because: Vec<Because>,
}

impl Membership {
    /// The split of a day; none where nobody said one.
    pub fn split_on(&self, day: Date) -> Option<&Split> {
        self.splits.iter().rev().find(|split| split.from <= day)
    }

    /// Who pays for a charge of a kind that somebody makes under this membership on a day. Every charge asks here: the payer of
    /// the day's terms, or the member herself where that is a company and the split says so. Nobody is named, for reasons are kept
    /// in the open.
    pub fn paid_by(&self, kind: ChargeKind, member: MemberId, day: Date) -> PaidBy {
        let payer = self.term_on(day).payer;
        let mut because = Vec::new();
        if member != self.fact.member_id {
            let text = "Used with a seat of another member's membership, whose terms and payer count".to_owned();
            because.push(Because { text, rule: None });
        }
        let (Payer::Company(_), Some(split)) = (payer, self.split_on(day)) else {
            return PaidBy { payer, because };
        };
        let item = Item::of(kind);
        let own = split.own.contains(&item);
        let who = if own { "the member pays" } else { "the company pays" };
        let text = format!("By the split of {}, {who} for {}", split.from, item.words());
        because.push(Because { text, rule: None });
        PaidBy {
            payer: if own { Payer::Member(member) } else { payer },
            because,
        }
    }
}

/// Says which kinds of charge whoever uses a membership pays herself, from a day on. What was said for later days is off.
///
/// # Errors
/// A day outside of the membership or on which no company pays; what is agreed on already.
pub fn set_split(membership: &Membership, own: &[Item], from: Date) -> Result<SplitSet, Refusal> {
    if !membership.agreed_on(from) {
        return Err(Refusal::field(
            "not_agreed_then",
            "from",
            "The membership does not run on that day.",
        ));
    }
    if !matches!(membership.term_on(from).payer, Payer::Company(_)) {
        let sentence = "The member pays for this membership herself, so there is nothing to split with a company.";
        return Err(Refusal::conflict("no_company", sentence));
    }
    let own: Vec<Item> = Item::ALL.into_iter().filter(|item| own.contains(item)).collect();
    let now = membership.split_on(from).map_or(&[][..], |split| &split.own);
    if now == own && membership.splits.iter().all(|split| split.from <= from) {
        return Err(Refusal::conflict("same_split", "That is how it is split already."));
    }
    Ok(SplitSet {
        membership_id: membership.fact.membership_id,
        from,
        own,
    })
}
