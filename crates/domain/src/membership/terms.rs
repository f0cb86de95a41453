use super::{Added, Membership, MembershipStarted};
use crate::{
    AddOnId, ChargeId, Money, Payer, PlanId, PlanVersionId,
    catalogue::Catalogue,
    charge::ChargeKind,
    period::{CycleLength, Days},
    refusal::Refusal,
};
use jiff::civil::Date;
use rust_decimal::Decimal;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// What is agreed from a day on, until the next term.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Term {
    pub from: Date,
    pub plan_id: PlanId,
    pub plan_version_id: PlanVersionId,
    pub plan_name: String,
    /// Of a whole cycle.
    pub price: Money,
    /// Whether the price is told with the tax in it.
    pub tax_included: bool,
    pub length: CycleLength,
    pub billing_day: i8,
    /// Cycles are counted from the one that holds this day.
    pub anchor: Date,
    pub payer: Payer,
}

impl Term {
    pub(super) fn of_start(fact: &MembershipStarted) -> Self {
        Self {
            from: fact.start,
            plan_id: fact.plan_id,
            plan_version_id: fact.plan_version_id,
            plan_name: fact.plan_name.clone(),
            price: fact.price,
            tax_included: fact.tax_included,
            length: fact.length,
            billing_day: fact.billing_day,
            anchor: fact.start,
            payer: fact.payer,
        }
    }
    pub fn cycle(&self, day: Date) -> Days {
        self.length.cycle(self.anchor, day, self.billing_day)
    }
}

/// A price that was agreed instead of the plan's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Override {
    pub price: Money,
    pub tax_included: bool,
    pub from: Date,
    pub until: Option<Date>,
}

/// Some days of a cycle and what they are charged as.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Stretch {
    pub cycle: Days,
    pub days: Days,
    /// The plan of its first day, whose price it is, or beside which the add-on stands.
    pub plan_version_id: PlanVersionId,
    /// None where it is the plan's price.
    pub add_on: Option<AddOnId>,
    /// Of the whole cycle, as it is told.
    pub price: Money,
    /// Whether the price has the tax in it.
    pub tax_included: bool,
    /// The rate of the tax in the price, as it was when the days were charged: what is given back of them is a part of that, whatever
    /// rate is said since. None where the price is told without tax, or nothing.
    pub tax_percent: Option<Decimal>,
    pub payer: Payer,
    /// The day whose tax rate counts: the first of the charge that these days were, or are, a part of.
    pub taxed_on: Date,
    /// None where the days cost nothing.
    pub charge_id: Option<ChargeId>,
}

impl Stretch {
    /// Whether another follows it that is charged, or given back, with it.
    fn goes_on_as(&self, next: &Self) -> bool {
        let taxed_alike = self.taxed_on == next.taxed_on || self.charge_id.is_none();
        self.same_terms(next) && self.days.end == next.days.start && self.charge_id == next.charge_id && taxed_alike
    }
    fn same_terms(&self, other: &Self) -> bool {
        // An add-on does not mind beside which plan it stands.
        let of = |stretch: &Self| match stretch.add_on {
            Some(add_on) => (Some(add_on), None),
            None => (None, Some(stretch.plan_version_id)),
        };
        let at = |stretch: &Self| (stretch.cycle, stretch.price, stretch.tax_included, stretch.payer);
        (of(self), at(self)) == (of(other), at(other))
    }
}

/// Puts a stretch at the end, or makes the last one longer where it goes on.
fn add(stretches: &mut Vec<Stretch>, next: Stretch) {
    match stretches.last_mut() {
        Some(last) if last.goes_on_as(&next) => last.days.end = next.days.end,
        _ => stretches.push(next),
    }
}

/// Whether a day lies in `[from, until)`, where `until` may be open.
pub(crate) fn within(day: Date, from: Date, until: Option<Date>) -> bool {
    from <= day && until.is_none_or(|until| day < until)
}

/// The days between edges that lie in a range, in order.
fn cut(range: Days, edges: impl IntoIterator<Item = Date>) -> Vec<Days> {
    let mut edges: Vec<Date> = edges
        .into_iter()
        .filter(|edge| range.start < *edge && *edge < range.end)
        .chain([range.start, range.end])
        .collect();
    edges.sort_unstable();
    edges.dedup();
    edges
        .windows(2)
        .map(|pair| Days {
            start: pair[0],
            end: pair[1],
        })
        .collect()
}

/// What unsettled days come to.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Unsettled {
    /// Stand charged and are not owed, or not like this.
    pub given_back: Vec<Stretch>,
    /// Are owed and do not stand charged, or not like this.
    pub billed: Vec<Stretch>,
}

impl Unsettled {
    /// Compares what stands charged for one thing in the days of a cycle with what is owed.
    fn compare(&mut self, days: Days, have: &[&Stretch], want: &[&Stretch]) {
        let edges = have
            .iter()
            .chain(want)
            .flat_map(|stretch| [stretch.days.start, stretch.days.end]);
        for days in cut(days, edges) {
            let part = |stretch: &Stretch| Stretch {
                days,
                ..stretch.clone()
            };
            let on = |all: &[&Stretch]| {
                all.iter()
                    .find(|stretch| stretch.days.contains(days.start))
                    .map(|found| part(found))
            };
            match (on(have), on(want)) {
                (Some(have), Some(want)) if have.same_terms(&want) => {}
                (have, want) => {
                    if let Some(have) = have {
                        add(&mut self.given_back, have);
                    }
                    if let Some(want) = want {
                        let anew = Stretch {
                            taxed_on: days.start,
                            ..want
                        };
                        add(&mut self.billed, anew);
                    }
                }
            }
        }
    }

    pub fn is_empty(&self) -> bool {
        self.given_back.is_empty() && self.billed.is_empty()
    }
}

impl Membership {
    /// The terms of a day; those of the first before it.
    pub fn term_on(&self, day: Date) -> &Term {
        let last = self.terms.iter().rev().find(|term| term.from <= day);
        last.unwrap_or(&self.first)
    }

    pub fn paused_on(&self, day: Date) -> bool {
        self.pauses.iter().any(|(from, until)| within(day, *from, *until))
    }

    /// Whether a day lies between start and end, paused or not.
    pub fn agreed_on(&self, day: Date) -> bool {
        self.fact.start <= day
            && self.ended.is_none_or(|last| day <= last)
            && self.notice.is_none_or(|last| day <= last)
    }

    /// Whether it can be used on a day, by the agreement as it stands.
    pub fn active_on(&self, day: Date) -> bool {
        self.agreed_on(day) && !self.paused_on(day)
    }

    /// The price of a day's cycle: nothing while it is free, what was agreed instead, or the plan's.
    pub fn price_on(&self, day: Date) -> Money {
        self.told_on(day).0
    }

    /// The same, and whether it is told with the tax in it.
    pub fn told_on(&self, day: Date) -> (Money, bool) {
        let term = self.term_on(day);
        if self.fact.free_until.is_some_and(|until| day < until) {
            return (Money::new(0, term.price.currency), false);
        }
        let agreed = self
            .overrides
            .iter()
            .rev()
            .find(|price| within(day, price.from, price.until));
        agreed.map_or((term.price, term.tax_included), |agreed| {
            (agreed.price, agreed.tax_included)
        })
    }

    /// What is owed for some days of a cycle, stretch by stretch: those of the plan, then those of each add-on.
    ///
    /// # Errors
    /// When a price is told with tax and its rate is not known.
    pub fn desired(&self, cycle: Days, days: Days, catalogue: &Catalogue) -> Result<Vec<Stretch>, Refusal> {
        self.rated(self.owed(cycle, days), catalogue)
    }

    /// The same before it is known at which rates the tax is in the prices.
    pub(super) fn owed(&self, cycle: Days, days: Days) -> Vec<Stretch> {
        let add_ons = self.add_ons.iter().map(Some);
        let items = std::iter::once(None).chain(add_ons);
        items.flat_map(|added| self.owed_of(added, cycle, days)).collect()
    }

    fn owed_of(&self, added: Option<&Added>, cycle: Days, days: Days) -> Vec<Stretch> {
        let edges = self
            .terms
            .iter()
            .map(|term| term.from)
            .chain(
                self.overrides
                    .iter()
                    .flat_map(|price| [Some(price.from), price.until])
                    .flatten(),
            )
            .chain(
                self.pauses
                    .iter()
                    .flat_map(|(from, until)| [Some(*from), *until])
                    .flatten(),
            )
            .chain(self.splits.iter().map(|split| split.from))
            .chain(self.fact.free_until)
            .chain(
                added
                    .iter()
                    .flat_map(|added| [Some(added.fact.from), added.until])
                    .flatten(),
            )
            .chain([self.fact.start])
            .chain(
                [self.notice, self.ended]
                    .into_iter()
                    .flatten()
                    .filter_map(|last| last.tomorrow().ok()),
            );
        let mut owed = Vec::new();
        for days in cut(days, edges) {
            let term = self.term_on(days.start);
            let there = added.is_none_or(|added| added.counts_on(days.start, term.length));
            if there && self.active_on(days.start) {
                let (price, tax_included) = match added {
                    Some(added) => (added.price(), added.fact.tax_included),
                    None => self.told_on(days.start),
                };
                let stretch = Stretch {
                    cycle,
                    days,
                    plan_version_id: term.plan_version_id,
                    add_on: added.map(|added| added.fact.add_on_id),
                    price,
                    // Nothing has no tax in it.
                    tax_included: tax_included && price.minor != 0,
                    tax_percent: None,
                    payer: self
                        .paid_by(ChargeKind::Recurring, self.fact.member_id, days.start)
                        .payer,
                    taxed_on: days.start,
                    charge_id: None,
                };
                add(&mut owed, stretch);
            }
        }
        owed
    }

    /// What the cycles opened so far have to give back and to charge for the agreement as it stands.
    ///
    /// # Errors
    /// When a price is told with tax and its rate is not known.
    pub fn unsettled(&self, catalogue: &Catalogue) -> Result<Unsettled, Refusal> {
        let Unsettled { given_back, billed } = self.not_settled();
        let billed = self.rated(billed, catalogue)?;
        Ok(Unsettled { given_back, billed })
    }

    fn not_settled(&self) -> Unsettled {
        let mut all = Unsettled::default();
        for (cycle, days) in &self.opened {
            let owed = self.owed(*cycle, *days);
            let billed = || self.billed.iter().filter(|stretch| stretch.cycle == *cycle);
            let items: BTreeSet<Option<AddOnId>> = owed.iter().chain(billed()).map(|stretch| stretch.add_on).collect();
            for item in items {
                let have: Vec<&Stretch> = billed().filter(|stretch| stretch.add_on == item).collect();
                let want: Vec<&Stretch> = owed.iter().filter(|stretch| stretch.add_on == item).collect();
                all.compare(*days, &have, &want);
            }
        }
        all
    }

    /// Takes days off what stands charged.
    pub(super) fn give_back(&mut self, returned: &Stretch) {
        let mut left = Vec::with_capacity(self.billed.len() + 1);
        for stretch in self.billed.drain(..) {
            let another = (stretch.cycle, stretch.add_on) != (returned.cycle, returned.add_on);
            if another || stretch.days.intersect(returned.days).count() == 0 {
                left.push(stretch);
                continue;
            }
            let before = Days {
                start: stretch.days.start,
                end: returned.days.start,
            };
            let after = Days {
                start: returned.days.end,
                end: stretch.days.end,
            };
            for days in [before, after] {
                if days.count() > 0 {
                    left.push(Stretch {
                        days,
                        ..stretch.clone()
                    });
                }
            }
        }
        self.billed = left;
    }
}
