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
        let net = stretch.net();
        let Some((id, left)) = stretch.charge_id.and_then(|id| Some((id, *self.left.get(&id)?))) else {
            return net;
        };
        let (mut before, mut standing) = (0, 0);
        for part in membership.billed.iter().filter(|part| part.charge_id == Some(id)) {
            standing += part.days.count();
            if part.days.start < stretch.days.start {
                before += part.days.count().min(days_between(part.days.start, stretch.days.start));
            }
        }
        Money::new(left.max(0), net.currency).share(before, before + stretch.days.count(), standing)
    }

    /// How a payer's lines are taxed.
    pub fn tax_of(&self, payer: Payer) -> PayerTax {
        PayerTax {
            choices: self.choices.get(&payer).cloned().unwrap_or_default(),
            as_charged: self.taxed.clone(),
        }
    }
}
