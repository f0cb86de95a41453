//! What became of charges after they were made: settling gives back no more than is left of them.

use super::{Membership, Stretch};
use crate::{
    ChargeId, Money, Payer,
    billing::{PayerTax, TaxChoices},
    period::days_between,
    tax::Taxed,
};
use std::collections::BTreeMap;

/// What a decision about days that stand charged has to know beside the membership.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Charged {
    /// Net that is left of charges of which credit notes took something back: what they were, less that, less what was given back
    /// of them since. Other charges are not in here.
    pub left: BTreeMap<ChargeId, i64>,
    /// The same of what coupons took off, as an amount above nothing, by the charge of the price that it was off; both of a pair are
    /// there where a credit note took something of either.
    pub off_left: BTreeMap<ChargeId, i64>,
    /// How charges stand on invoices.
    pub taxed: BTreeMap<ChargeId, Taxed>,
    /// What was chosen of each payer's tax with the membership's legal entity.
    pub choices: BTreeMap<Payer, TaxChoices>,
}

impl Charged {
    /// What giving a stretch back comes to: its days' price; or, where a credit note took something of the whole charge, which says
    /// nothing of days, its days' part of what is left, spread over all the days that still stand charged. Parts sum to the whole.
    pub(super) fn given_back(&self, membership: &Membership, stretch: &Stretch) -> Money {
        if stretch.tax_included && stretch.charge_id.is_none() {
            // Too small to be charged: there is nothing to give back.
            return Money::new(0, stretch.price.currency);
        }
        let left = stretch.charge_id.and_then(|id| self.left.get(&id));
        left.map_or(stretch.net(), |left| part_of(*left, membership, stretch))
    }

    /// What goes back of what a coupon took off a stretch, where credit notes took something of its price or of that: its days' part of
    /// what is left, as of the price. `None` is what its days say.
    pub(super) fn off_given_back(&self, membership: &Membership, stretch: &Stretch) -> Option<Money> {
        let left = self.off_left.get(&stretch.charge_id?)?;
        Some(part_of(*left, membership, stretch))
    }

    /// How a payer's lines are taxed.
    pub fn tax_of(&self, payer: Payer) -> PayerTax {
        PayerTax {
            choices: self.choices.get(&payer).cloned().unwrap_or_default(),
            as_charged: self.taxed.clone(),
        }
    }
}

/// The days' part of what is left of a stretch's charge, spread over all the days of the charge that still stand charged.
fn part_of(left: i64, membership: &Membership, stretch: &Stretch) -> Money {
    let (mut before, mut standing) = (0, 0);
    let same = membership
        .billed
        .iter()
        .filter(|part| part.charge_id == stretch.charge_id);
    for part in same {
        standing += part.days.count();
        if part.days.start < stretch.days.start {
            before += part.days.count().min(days_between(part.days.start, stretch.days.start));
        }
    }
    Money::new(left.max(0), stretch.price.currency).share(before, before + stretch.days.count(), standing)
}
