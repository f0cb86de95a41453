//! The lots of a membership, as they were granted and as a draft would have granted them.
//!
//! Where a draft's cycles are those that were opened, its lots are the real ones with the difference of the two grants, so what
//! others drew on them stays drawn. Where it has other cycles, its lots are granted anew, and nothing was drawn before the month.

use super::{
    Lived, Terms,
    recurring::{opened, opened_as, paid_alike},
    replay::Step,
};
use crate::{
    LotId,
    credit::{CreditEvent, CreditGranted, Holds, Lot, OfPack, UsedBy},
    local_time,
    membership::{self, Membership, Next},
    period::Days,
    refusal::Refusal,
};
use jiff::{Timestamp, civil::Date};
use std::collections::{BTreeMap, BTreeSet};
use uuid::Uuid;

/// The events of a lot, each with its position and its time.
#[derive(Debug, Clone, PartialEq)]
pub struct LotFacts {
    pub events: Vec<(i64, Timestamp, CreditEvent)>,
}

/// A lot as it was granted.
pub(super) struct Granted {
    fact: CreditGranted,
    courtesy: bool,
    /// Where it was bought: no plan granted it, as none granted a courtesy.
    pack: Option<OfPack>,
    at: i64,
}

impl LotFacts {
    pub(super) fn granted(&self) -> Option<Granted> {
        let (at, _, first) = self.events.first()?;
        let (fact, courtesy, pack) = match first {
            CreditEvent::CreditGranted(fact) => (fact.clone(), false, None),
            CreditEvent::CourtesyGranted(fact) => (fact.lot(), true, None),
            CreditEvent::CreditPackBought(fact) => (fact.lot(), false, Lot::from(fact).pack),
            _ => return None,
        };
        Some(Granted {
            fact,
            courtesy,
            pack,
            at: *at,
        })
    }

    /// Whether staff gave it; its id.
    pub(super) fn courtesy(&self) -> Option<LotId> {
        self.granted().filter(|lot| lot.courtesy).map(|lot| lot.fact.lot_id)
    }
}

/// What a draft does to the lots that were granted.
#[derive(Default)]
pub(super) struct Adjusted {
    /// Those of cycles that the draft does not have.
    gone: BTreeSet<LotId>,
    less: BTreeMap<LotId, i64>,
    until: BTreeMap<LotId, Timestamp>,
    /// What is granted or taken beside them.
    steps: Vec<(i64, Step<'static>)>,
    made: u32,
}

/// What happened to the lots, without what bookings and passes drew that are led through again.
pub(super) fn steps(
    lots: &[LotFacts],
    replayed: impl Fn(UsedBy) -> bool,
    adjusted: Adjusted,
) -> Vec<(i64, Step<'static>)> {
    let mut steps = adjusted.steps;
    for facts in lots {
        let Some(granted) = facts.granted() else { continue };
        let lot = granted.fact.lot_id;
        if adjusted.gone.contains(&lot) {
            continue;
        }
        let mut row = Lot {
            pack: granted.pack,
            ..Lot::from(&granted.fact)
        };
        row.left -= adjusted.less.get(&lot).copied().unwrap_or(0);
        row.valid_until = adjusted.until.get(&lot).copied().unwrap_or(row.valid_until);
        steps.push((granted.at, Step::Grant(row)));
        for (position, time, event) in &facts.events[1..] {
            let step = match event {
                CreditEvent::CreditUsed(used) if !replayed(used.used_by) => Step::Take {
                    by: used.used_by,
                    lot,
                    amount: used.amount,
                },
                CreditEvent::CreditRestored(back) if !replayed(back.used_by) => Step::Return { by: back.used_by, lot },
                // Only what nothing was drawn from is taken back.
                CreditEvent::CreditPackTakenBack(_) => Step::Lapse { lot, amount: row.left },
                // What lapses when its time is over nobody could have used.
                CreditEvent::CreditExpired(lapsed) if *time < granted.fact.valid_until => Step::Lapse {
                    lot,
                    amount: lapsed.amount,
                },
                _ => continue,
            };
            steps.push((*position, step));
        }
    }
    steps
}

impl Adjusted {
    /// Brings the lots that can be drawn on in some days to what a draft grants.
    pub(super) fn to(
        after: &Membership,
        lived: &Lived,
        lots: &[LotFacts],
        days: Days,
        terms: &Terms,
    ) -> Result<Self, Refusal> {
        let mut this = Self::default();
        let before = &lived.membership;
        let Some(plan) = &terms.plan else { return Ok(this) };
        let zone = terms.published.zone_of(before.fact.home_location_id)?;
        let granted: Vec<Granted> = lots
            .iter()
            .filter_map(LotFacts::granted)
            .filter(|lot| !lot.courtesy && lot.pack.is_none())
            .collect();
        let rollover = [before, after]
            .iter()
            .zip([&*terms.published, &terms.draft])
            .filter_map(|(one, catalogue)| catalogue.plan_version(one.term_on(days.start).plan_version_id).ok())
            .map(|version| version.rollover_cycles)
            .chain([plan.version.rollover_cycles])
            .max()
            .unwrap_or(0);
        let first = before
            .opened
            .iter()
            .position(|(_, own)| own.intersect(days).count() > 0);
        let Some(first) = first else { return Ok(this) };
        let from = first.saturating_sub(usize::try_from(rollover).unwrap_or(0));
        let mut anew: Option<Days> = None;
        for (index, (cycle, own)) in before.opened.iter().enumerate().skip(from) {
            if own.start >= days.end {
                break;
            }
            let window = (
                local_time::day_start(own.start, &zone)?,
                local_time::day_start(own.end, &zone)?,
            );
            let mine: Vec<&Granted> = granted
                .iter()
                .filter(|lot| window.0 <= lot.fact.valid_from && lot.fact.valid_from < window.1)
                .collect();
            let mut edges: Vec<Date> = before.terms.iter().map(|term| term.from).collect();
            edges.retain(|edge| own.start < *edge && *edge < own.end);
            edges.insert(0, own.start);
            if edges.iter().any(|day| !paid_alike(before, after, *day)) {
                this.gone.extend(mine.iter().map(|lot| lot.fact.lot_id));
                let start = anew.map_or(own.start, |days| days.start);
                anew = Some(Days { start, end: own.end });
                continue;
            }
            let next = Next {
                cycle: *cycle,
                days: *own,
            };
            this.by_difference(after, lived, (index, next), &edges, &mine, terms)?;
        }
        if let Some(range) = anew {
            this.anew(after, before, range, terms)?;
        }
        Ok(this)
    }

    /// Grants, or takes off, what the draft grants more or less for a cycle, from each day on which its terms change.
    fn by_difference(
        &mut self,
        after: &Membership,
        lived: &Lived,
        (index, next): (usize, Next),
        edges: &[Date],
        mine: &[&Granted],
        terms: &Terms,
    ) -> Result<(), Refusal> {
        let before = &lived.membership;
        let zone = terms.published.zone_of(before.fact.home_location_id)?;
        // A cycle's lots exist since the one before it was opened.
        let granted_at = lived.opened_at.get(index.saturating_sub(1)).copied().unwrap_or(0);
        let mut known: BTreeMap<Holds, i64> = BTreeMap::new();
        for (number, day) in edges.iter().enumerate() {
            let by_kind = |lots: Vec<CreditGranted>| -> BTreeMap<Holds, CreditGranted> {
                lots.into_iter().map(|lot| (lot.holds, lot)).collect()
            };
            let was = by_kind(membership::grants(before, *day, next, &terms.published)?);
            let would = by_kind(membership::grants(after, *day, next, &terms.draft)?);
            let starts = local_time::day_start(*day, &zone)?;
            let kinds: BTreeSet<Holds> = was.keys().chain(would.keys()).chain(known.keys()).copied().collect();
            for holds in kinds {
                let amount = |lots: &BTreeMap<Holds, CreditGranted>| lots.get(&holds).map_or(0, |lot| lot.amount);
                let difference = amount(&would) - amount(&was);
                let more = difference - known.insert(holds, difference).unwrap_or(0);
                let lots = || mine.iter().filter(|lot| lot.fact.holds == holds);
                if let (Some(was), Some(would)) = (was.get(&holds), would.get(&holds)) {
                    for lot in lots().filter(|lot| lot.fact.valid_until == was.valid_until) {
                        self.until.insert(lot.fact.lot_id, would.valid_until);
                    }
                }
                let changed_at = lived.changed_at.get(day).copied().filter(|_| number > 0);
                let at = changed_at.unwrap_or(granted_at);
                if more > 0
                    && let Some(would) = would.get(&holds)
                {
                    let row = Lot {
                        left: more,
                        valid_from: starts,
                        ..Lot::from(would)
                    };
                    self.grant(at, row);
                } else if more < 0 && number == 0 {
                    let mut left = -more;
                    for lot in lots().filter(|lot| lot.fact.valid_from == starts) {
                        let taken = lot.fact.amount.min(left);
                        *self.less.entry(lot.fact.lot_id).or_default() += taken;
                        left -= taken;
                    }
                } else if more < 0 {
                    let new = lots().filter(|lot| lot.fact.valid_from == starts).map(|lot| lot.at);
                    let step = Step::Less {
                        lots: lots().map(|lot| lot.fact.lot_id).collect(),
                        holds,
                        amount: -more,
                    };
                    self.steps.push((new.max().unwrap_or(at).max(at), step));
                }
            }
        }
        Ok(())
    }

    /// Grants the lots of cycles that were not opened like this.
    fn anew(&mut self, after: &Membership, before: &Membership, range: Days, terms: &Terms) -> Result<(), Refusal> {
        let mut cycles: Vec<Days> = opened_as(before, after, range).iter().map(|part| part.cycle).collect();
        cycles.dedup();
        let whole = opened(before, range);
        let end = whole.last().map_or(range.end, |part| part.cycle.end);
        for cycle in cycles {
            let days = Days {
                start: cycle.start.max(after.fact.start),
                end: cycle.end,
            };
            if days.count() == 0 || days.start >= end {
                continue;
            }
            for lot in membership::grants(after, days.start, Next { cycle, days }, &terms.draft)? {
                self.grant(0, Lot::from(&lot));
            }
        }
        Ok(())
    }

    /// A lot that nobody granted, under an id that nothing has.
    fn grant(&mut self, at: i64, row: Lot) {
        self.made += 1;
        let lot_id = LotId(Uuid::from_u128(u128::MAX - u128::from(self.made)));
        self.steps.push((at, Step::Grant(Lot { lot_id, ..row })));
    }
}
