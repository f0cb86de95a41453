//! What many memberships come to together. Amounts of one currency are never added to those of another.

use super::{About, Figures, Kind, Note, Outcome};
use crate::{Currency, LocationId, MemberId, MembershipId, PlanId};
use std::collections::BTreeMap;

/// How many of the largest differences are told, up and down.
pub const LARGEST: usize = 10;

/// A membership's month without its lines.
#[derive(Debug, Clone, PartialEq)]
pub struct Row {
    pub membership_id: MembershipId,
    pub member_id: MemberId,
    pub plan_id: PlanId,
    pub plan_name: String,
    pub home_location_id: LocationId,
    pub currency: Currency,
    pub on_draft: bool,
    pub agreed_price: bool,
    pub figures: Figures,
    pub bookings: usize,
    pub passes: usize,
}

impl From<&Outcome> for Row {
    fn from(outcome: &Outcome) -> Self {
        let count = |of: fn(&About) -> bool| outcome.lines.iter().filter(|line| of(&line.about)).count();
        Self {
            membership_id: outcome.membership_id,
            member_id: outcome.member_id,
            plan_id: outcome.plan_id,
            plan_name: outcome.plan_name.clone(),
            home_location_id: outcome.home_location_id,
            currency: outcome.currency,
            on_draft: outcome.on_draft,
            agreed_price: outcome.agreed_price,
            figures: outcome.figures,
            bookings: count(|about| matches!(about, About::Booking(_))),
            passes: count(|about| matches!(about, About::Pass(_))),
        }
    }
}

/// How often a note was made, and how much of the difference between charged and published it stands for.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Noted {
    pub lines: usize,
    /// Published less charged.
    pub minor: i64,
}

/// What all memberships of one currency come to.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Totals {
    pub figures: Figures,
    pub more: usize,
    pub less: usize,
    pub same: usize,
    pub by_plan: BTreeMap<PlanId, Figures>,
    pub by_location: BTreeMap<LocationId, Figures>,
    pub by_kind: BTreeMap<Kind, Figures>,
    pub notes: BTreeMap<Note, Noted>,
}

/// What was counted so far.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Summary {
    pub totals: BTreeMap<Currency, Totals>,
    pub memberships: usize,
    pub bookings: usize,
    pub passes: usize,
    /// Memberships that the draft's plan is applied to.
    pub on_draft: usize,
    /// Those of them that keep a price which was agreed instead of the plan's.
    pub agreed_prices: usize,
}

impl Summary {
    /// Counts one more.
    pub fn add(&mut self, outcome: &Outcome) -> Row {
        let row = Row::from(outcome);
        self.memberships += 1;
        self.bookings += row.bookings;
        self.passes += row.passes;
        self.on_draft += usize::from(row.on_draft);
        self.agreed_prices += usize::from(row.on_draft && row.agreed_price);
        let totals = self.totals.entry(row.currency).or_default();
        totals.figures += row.figures;
        match row.figures.difference() {
            0 => totals.same += 1,
            1.. => totals.more += 1,
            _ => totals.less += 1,
        }
        *totals.by_plan.entry(row.plan_id).or_default() += row.figures;
        for ((kind, place), figures) in outcome.by_kind_and_place() {
            *totals.by_kind.entry(kind).or_default() += figures;
            *totals.by_location.entry(place).or_default() += figures;
        }
        for line in &outcome.lines {
            for note in &line.notes {
                let noted = totals.notes.entry(*note).or_default();
                noted.lines += 1;
                if note.is_a_difference() {
                    noted.minor += line.figures.published - line.figures.charged;
                }
            }
        }
        row
    }
}

/// The largest differences of a currency: rises, then falls, the largest first and of equals in the order of their ids.
pub fn largest(rows: &[Row], currency: Currency) -> (Vec<&Row>, Vec<&Row>) {
    let of = |up: bool| {
        let mut found: Vec<&Row> = rows
            .iter()
            .filter(|row| row.currency == currency)
            .filter(|row| {
                if up {
                    row.figures.difference() > 0
                } else {
                    row.figures.difference() < 0
                }
            })
            .collect();
        found.sort_by_key(|row| (std::cmp::Reverse(row.figures.difference().abs()), row.membership_id));
        found.truncate(LARGEST);
        found
    };
    (of(true), of(false))
}
