//! A membership with the places of its events in the log, and the same membership as it would have been on a draft's plan.

use super::DraftPlan;
use crate::{
    catalogue::Catalogue,
    membership::{Membership, MembershipEvent, Term},
};
use jiff::{ToSpan, civil::Date};
use std::collections::BTreeMap;

/// What a membership's stream says, and where.
#[derive(Debug, Clone, PartialEq)]
pub struct Lived {
    pub membership: Membership,
    /// Position of the opening of each cycle.
    pub(super) opened_at: Vec<i64>,
    /// Position of the change of plan that came on a day.
    pub(super) changed_at: BTreeMap<Date, i64>,
}

impl Lived {
    /// Folds the events of a membership, each with its position; `None` of none.
    pub fn fold(events: impl IntoIterator<Item = (i64, MembershipEvent)>) -> Option<Self> {
        let (mut state, mut opened_at, mut changed_at) = (None, Vec::new(), BTreeMap::new());
        for (position, event) in events {
            match &event {
                MembershipEvent::CycleOpened(_) => opened_at.push(position),
                MembershipEvent::PlanChanged(fact) => drop(changed_at.insert(fact.term.from, position)),
                _ => {}
            }
            state = Membership::evolve(state, event);
        }
        state.map(|membership| Self {
            membership,
            opened_at,
            changed_at,
        })
    }
}

impl DraftPlan {
    fn takes(&self, term: &Term) -> bool {
        term.plan_id == self.version.plan_id && self.only.is_none_or(|only| only == term.plan_version_id)
    }

    /// A membership as if it had been on the drafted version all the days that it was on the plan. What was agreed beside the plan
    /// stays: prices instead of the plan's, coupons, add-ons, pauses.
    pub(super) fn applied_to(&self, membership: &Membership, published: &Catalogue) -> Membership {
        let mut then = membership.clone();
        let put = |term: &mut Term| {
            if self.takes(term) {
                term.plan_version_id = self.version.plan_version_id;
                term.price = self.version.price;
                term.tax_included = self.version.tax_included;
                term.length = self.version.length;
                term.billing_day = self.version.billing_day;
            }
        };
        let begins_on_it = self.takes(&membership.first);
        then.terms.iter_mut().for_each(put);
        put(&mut then.first);
        if begins_on_it {
            let start = then.fact.start;
            let before = published.plan_version(membership.first.plan_version_id);
            if before.is_ok_and(|before| before.trial_days != self.version.trial_days) {
                let days = self.version.trial_days;
                then.fact.free_until = (days > 0).then(|| start.saturating_add(days.days()));
            }
            then.fact.plan_version_id = self.version.plan_version_id;
            then.fact.price = self.version.price;
            then.fact.tax_included = self.version.tax_included;
            then.fact.length = self.version.length;
            then.fact.billing_day = self.version.billing_day;
        }
        then
    }
}
