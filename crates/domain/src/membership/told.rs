//! Days whose price is told with the tax in it. What they cost is worked out in what was told, as for any other days, and turned
//! into net once for each charge, at the rate of the charge's day; so a charge of a whole cycle comes to what was told.

use super::{Membership, Stretch, settle::taxed_on};
use crate::{
    Money,
    catalogue::Catalogue,
    charge::Because,
    period::{Days, prorate},
    refusal::Refusal,
    tax,
};
use jiff::civil::Date;

impl Stretch {
    /// What its days cost, net. Parts of a cycle sum to the whole (rule 3): where tax is in the price, the parts of one charge do.
    pub fn net(&self) -> Money {
        self.net_of(self.price)
    }

    /// The net of its price for a whole cycle.
    pub fn whole_net(&self) -> Money {
        self.tax_percent
            .map_or(self.price, |percent| tax::net_of(self.price, percent))
    }

    /// What an amount of a whole cycle, told as the price is, comes to for its days, net. Days are a part of a charge, which was turned
    /// into net as a whole: each part is the difference of two running totals of that charge, so that parts sum to it to the cent.
    fn net_of(&self, whole: Money) -> Money {
        let Some(percent) = self.tax_percent else {
            return prorate(whole, self.days, self.cycle);
        };
        let until = |day: Date| {
            let so_far = Days {
                start: self.taxed_on,
                end: day,
            };
            tax::net_of(prorate(whole, so_far, self.cycle), percent).minor
        };
        Money::new(until(self.days.end) - until(self.days.start), whole.currency)
    }

    /// What is taken off a whole cycle, and off its days, net, where so much is taken off the price as it is told. With tax in the
    /// price it is what is lacking to the net of the rest, so that the rest comes to what was told.
    pub(super) fn taken_off(&self, off: Money) -> (Money, Money) {
        let Some(percent) = self.tax_percent else {
            return (off, prorate(off, self.days, self.cycle));
        };
        let rest = Money::new(self.price.minor - off.minor, off.currency);
        let less = |all: Money, rest: Money| Money::new(all.minor - rest.minor, off.currency);
        (
            less(self.whole_net(), tax::net_of(rest, percent)),
            less(self.net(), self.net_of(rest)),
        )
    }

    /// How what was told of an amount of the cycle became a net; nothing where it was told net.
    pub(super) fn told_because(&self, whole: Money, net: Money) -> Option<Because> {
        let percent = self.tax_percent?;
        Some(tax::told_because(prorate(whole, self.days, self.cycle), percent, net))
    }
}

impl Membership {
    /// With the rates at which the tax is in their prices: those of the day whose rate counts.
    ///
    /// # Errors
    /// When a rate, a plan's version or the location is not known.
    pub(super) fn rated(&self, mut stretches: Vec<Stretch>, catalogue: &Catalogue) -> Result<Vec<Stretch>, Refusal> {
        for stretch in stretches.iter_mut().filter(|stretch| stretch.tax_included) {
            let plan = catalogue.plan_version(stretch.plan_version_id)?;
            let country = &catalogue.location(self.fact.home_location_id)?.address.country;
            let category = self
                .added(stretch)
                .map_or(&plan.tax_category, |(added, _)| &added.tax_category);
            stretch.tax_percent = Some(catalogue.tax_rate(country, category, taxed_on(plan, stretch))?);
        }
        Ok(stretches)
    }
}
