use super::{Membership, MembershipEvent, PayerChanged, PlanChangeAnnounced, PlanChangeCalledOff, PlanChanged, Term};
use jiff::civil::Date;

impl Membership {
    /// The terms that were announced to her and have not come.
    pub fn announced_ahead(&self, today: Date) -> Option<&Term> {
        let announced = self.announced.as_ref().filter(|announced| today < announced.from)?;
        self.terms
            .iter()
            .find(|term| term.from == announced.from && term.plan_version_id == announced.plan_version_id)
    }

    /// The first terms after a day that are another plan's, or another version's, than those before.
    pub fn changed_after(&self, day: Date) -> Option<&Term> {
        let mut before = self.term_on(day).plan_version_id;
        self.terms.iter().filter(|term| day < term.from).find(|term| {
            let changed = term.plan_version_id != before;
            before = term.plan_version_id;
            changed
        })
    }

    /// What was announced for this day or later is not agreed on any more.
    pub(super) fn forget_announced_from(&mut self, day: Date) {
        if self.announced.as_ref().is_some_and(|announced| day <= announced.from) {
            self.announced = None;
        }
    }

    /// What has to be said again of the terms after a day, because a change of that day takes them away: who pays from when on,
    /// and what she chose herself for later.
    fn said_again_after(&self, day: Date) -> Vec<MembershipEvent> {
        let membership_id = self.fact.membership_id;
        let mut before = self.term_on(day).plan_version_id;
        let later = self.terms.iter().filter(|term| day < term.from);
        later
            .map(|term| {
                let same_plan = term.plan_version_id == before;
                before = term.plan_version_id;
                if same_plan {
                    let (payer, from) = (term.payer, term.from);
                    PayerChanged {
                        membership_id,
                        payer,
                        from,
                    }
                    .into()
                } else {
                    let term = term.clone();
                    PlanChanged {
                        membership_id,
                        term,
                        announced: false,
                    }
                    .into()
                }
            })
            .collect()
    }
}

/// What announcing a change to a membership makes: the change, by whom it was announced, and who pays from a later day on.
pub(crate) fn announced(
    membership: &Membership,
    changed: PlanChanged,
    price_change_id: crate::PriceChangeId,
) -> Vec<MembershipEvent> {
    let told = PlanChangeAnnounced {
        membership_id: changed.membership_id,
        price_change_id,
        plan_version_id: changed.term.plan_version_id,
        from: changed.term.from,
    };
    let again = membership.said_again_after(changed.term.from);
    [MembershipEvent::from(changed), told.into()]
        .into_iter()
        .chain(again)
        .collect()
}

/// Calls an announced change off that has not come; what was agreed on for later stays. `None` where none lies ahead.
pub fn call_announced_off(membership: &Membership, today: Date) -> Option<Vec<MembershipEvent>> {
    let from = membership.announced_ahead(today)?.from;
    let off = PlanChangeCalledOff {
        membership_id: membership.fact.membership_id,
        from,
    };
    let again = membership.said_again_after(from);
    Some(std::iter::once(off.into()).chain(again).collect())
}
