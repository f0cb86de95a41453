//! The days of a month: as they stand charged, and as opening their cycles would charge them.

use crate::{
    catalogue::Catalogue,
    charge::Because,
    membership::{self, Membership, Next, Stretch},
    period::Days,
    refusal::Refusal,
};
use uuid::Uuid;

/// What days come to, in minor units, and why.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Cost {
    pub minor: i64,
    pub because: Vec<Because>,
}

impl Cost {
    fn add(&mut self, step: Because) {
        if !self.because.contains(&step) {
            self.because.push(step);
        }
    }
}

/// The parts of opened cycles that lie in some days, each with its whole cycle.
pub(super) fn opened(membership: &Membership, days: Days) -> Vec<Next> {
    let parts = membership.opened.iter().map(|(cycle, own)| Next {
        cycle: *cycle,
        days: own.intersect(days),
    });
    parts.filter(|part| part.days.count() > 0).collect()
}

/// The same as they would have been on other terms: the cycles stay where they are paid alike, else they are those of the terms.
pub(super) fn opened_as(before: &Membership, after: &Membership, days: Days) -> Vec<Next> {
    let mut parts = Vec::new();
    for part in opened(before, days) {
        let mut edges: Vec<_> = after.terms.iter().map(|term| term.from).collect();
        edges.retain(|edge| part.days.start < *edge && *edge < part.days.end);
        edges.extend([part.days.start, part.days.end]);
        edges.sort_unstable();
        edges.dedup();
        for pair in edges.windows(2) {
            let (mut start, end) = (pair[0], pair[1]);
            if paid_alike(before, after, start) {
                let days = Days { start, end };
                parts.push(Next { days, ..part });
                continue;
            }
            let term = after.term_on(start);
            while start < end {
                let cycle = term.cycle(start);
                let days = Days {
                    start,
                    end: cycle.end.min(end),
                };
                parts.push(Next { cycle, days });
                start = days.end;
            }
        }
    }
    parts
}

/// Whether the terms of a day have the same cycles.
pub(super) fn paid_alike(before: &Membership, after: &Membership, day: jiff::civil::Date) -> bool {
    let of = |membership: &Membership| {
        let term = membership.term_on(day);
        (term.length, term.billing_day, term.anchor)
    };
    of(before) == of(after)
}

/// What opening these parts of cycles would charge, less what coupons take off.
pub(super) fn cost(membership: &Membership, parts: &[Next], catalogue: &Catalogue) -> Result<Cost, Refusal> {
    let mut cost = Cost::default();
    for part in parts {
        // By the function that bills; its ids and its version are nobody's.
        let opened = membership::open_cycle(membership, 0, *part, &[], Uuid::nil, catalogue)?;
        for charge in opened.charges {
            cost.minor += charge.net.minor;
            charge.because.into_iter().for_each(|step| cost.add(step));
        }
    }
    Ok(cost)
}

/// What of some days stands charged, less what coupons took off.
pub(super) fn standing(membership: &Membership, days: Days, catalogue: &Catalogue) -> Result<i64, Refusal> {
    let mut minor = 0;
    for stretch in &membership.billed {
        let part = Stretch {
            days: stretch.days.intersect(days),
            ..stretch.clone()
        };
        if part.days.count() == 0 {
            continue;
        }
        let plan = catalogue.plan_version(part.plan_version_id)?;
        let off = membership.taken_off(&part, plan).map_or(0, |off| off.net.minor);
        minor += part.net().minor - off;
    }
    Ok(minor)
}
