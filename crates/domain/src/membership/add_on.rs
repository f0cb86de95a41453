//! Add-ons of a membership. Their days are settled with those of the plan, by the same function: they are charged for the days on
//! which the membership is active and the plan is paid by the add-on's cycle, so they rest and end with it.

use super::{AddOnAdded, AddOnRemoved, Membership, Stretch};
use crate::{
    AddOnId, Money,
    add_on::AddOn,
    catalogue::Catalogue,
    period::CycleLength,
    refusal::{Faults, Refusal},
};
use jiff::civil::Date;

/// The most of one add-on.
pub const MAX_QUANTITY: i64 = 1_000;

/// An add-on as a membership has it, or had it.
#[derive(Debug, Clone, PartialEq)]
pub struct Added {
    pub fact: AddOnAdded,
    /// The first day without it, where it was removed.
    pub until: Option<Date>,
}

impl Added {
    /// Of all of it for a whole cycle, told as the price of one is.
    pub fn price(&self) -> Money {
        Money::new(self.fact.price.minor * self.fact.quantity, self.fact.price.currency)
    }

    /// Whether it is there on a day.
    pub fn on(&self, day: Date) -> bool {
        super::terms::within(day, self.fact.from, self.until)
    }

    /// Whether it is charged on a day whose plan is paid by such cycles.
    pub(super) fn counts_on(&self, day: Date, length: CycleLength) -> bool {
        self.on(day) && self.fact.length == length
    }
}

impl Membership {
    /// The addition that a stretch of an add-on was, or is, charged for, and how many of it.
    pub(super) fn added(&self, stretch: &Stretch) -> Option<(&AddOnAdded, i64)> {
        let id = stretch.add_on?;
        // All additions of one add-on have its price; only their number differs.
        let added = self.add_ons.iter().rev().find(|added| added.fact.add_on_id == id)?;
        Some((&added.fact, stretch.price.minor / added.fact.price.minor.max(1)))
    }
}

/// Adds so many of an add-on from a day on. There is one addition of each add-on at a time: another number is agreed to by
/// removing it from the day on which the other one begins.
///
/// # Errors
/// A quantity that cannot be; an add-on of another company, of another cycle, withdrawn, or there already; a day outside of the
/// membership; no tax rate.
pub fn add_add_on(
    membership: &Membership,
    add_on: &AddOn,
    quantity: i64,
    from: Date,
    catalogue: &Catalogue,
) -> Result<AddOnAdded, Refusal> {
    let fact = &add_on.fact;
    let mut faults = Faults::default();
    faults.check(
        (1..=MAX_QUANTITY).contains(&quantity),
        "quantity",
        format!("Please give a number from 1 to {MAX_QUANTITY}."),
    );
    faults.check(
        membership.agreed_on(from) && membership.cycle.is_some(),
        "from",
        "The membership does not run on that day.",
    );
    faults.finish()?;
    let refused = |code, sentence: String| Err(Refusal::field(code, "add_on_id", sentence));
    if fact.legal_entity_id != membership.fact.legal_entity_id {
        return refused(
            "add_on_of_another_entity",
            format!("{} is another company's than this membership.", fact.name),
        );
    }
    if add_on.withdrawn {
        return refused("add_on_withdrawn", format!("{} is no longer offered.", fact.name));
    }
    let term = membership.term_on(from);
    if term.length != fact.length {
        return refused(
            "add_on_of_other_cycles",
            format!(
                "{} is paid by the {}, and {} by the {}.",
                fact.name, fact.length, term.plan_name, term.length
            ),
        );
    }
    let there = membership
        .add_ons
        .iter()
        .any(|added| added.fact.add_on_id == fact.add_on_id && added.until.is_none_or(|until| from < until));
    if there {
        return refused(
            "add_on_there",
            format!("{} is there already; for another number, remove it first.", fact.name),
        );
    }
    let country = &catalogue.location(membership.fact.home_location_id)?.address.country;
    catalogue.tax_rate(country, &fact.tax_category, from)?;
    Ok(AddOnAdded {
        membership_id: membership.fact.membership_id,
        add_on_id: fact.add_on_id,
        name: fact.name.clone(),
        price: fact.price,
        tax_included: fact.tax_included,
        length: fact.length,
        quantity,
        tax_category: fact.tax_category.clone(),
        from,
    })
}

/// Removes an add-on from a day on, its first day without it: what was charged for its days from then on is given back.
///
/// # Errors
/// One that the membership does not have then.
pub fn remove_add_on(membership: &Membership, id: AddOnId, from: Date) -> Result<AddOnRemoved, Refusal> {
    let has = membership
        .add_ons
        .iter()
        .any(|added| added.fact.add_on_id == id && added.on(from));
    if !has {
        return Err(Refusal::field(
            "no_such_add_on",
            "from",
            "The membership does not have this add-on on that day.",
        ));
    }
    Ok(AddOnRemoved {
        membership_id: membership.fact.membership_id,
        add_on_id: id,
        from,
    })
}
