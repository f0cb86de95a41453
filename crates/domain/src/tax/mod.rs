//! VAT after EN 16931: rates are effective-dated by country of the location and tax category; each net line is rounded,
//! lines are summed, and the tax is computed once per category and rate on the sum.

mod told;
mod treatment;

pub use told::*;
pub use treatment::*;

use crate::{
    Money,
    event::domain_events,
    money::round_half_away,
    refusal::{Faults, Refusal},
    text,
};
use jiff::civil::Date;
use rust_decimal::Decimal;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

domain_events!(
    /// What happened to the tax table of an organization.
    TaxEvent, "tax", { TaxRateSet = 1 }
);

/// From this day on, supplies of this category in this country carry this rate.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct TaxRateSet {
    pub country: String,
    /// The seller's own word for what is taxed alike, e.g. `standard`, `office`.
    pub category: String,
    /// Percent, e.g. 19 or 7.7.
    pub rate_percent: Decimal,
    pub effective_from: Date,
}

/// # Errors
/// All faulty fields at once.
pub fn set_rate(
    country: &str,
    category: &str,
    rate_percent: Decimal,
    effective_from: Date,
) -> Result<TaxRateSet, Refusal> {
    let rate_percent = rate_percent.normalize();
    let mut faults = Faults::default();
    let country = text::country(country)
        .map_err(|message| faults.add("country", message))
        .unwrap_or_default();
    let category = text::name(category)
        .map_err(|message| faults.add("category", message))
        .unwrap_or_default()
        .to_lowercase();
    faults.check(
        (Decimal::ZERO..=Decimal::from(100)).contains(&rate_percent) && rate_percent.scale() <= 3,
        "rate_percent",
        "Please give a percentage from 0 to 100 with at most three decimals.",
    );
    faults.finish()?;
    Ok(TaxRateSet {
        country,
        category,
        rate_percent,
        effective_from,
    })
}

/// One category and rate on an invoice (BG-23 of EN 16931).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct TaxSubtotal {
    pub category: String,
    pub rate_percent: Decimal,
    pub treatment: Treatment,
    /// Why there is no tax, where that was chosen.
    pub exemption: Option<Exemption>,
    pub basis_minor: i64,
    pub tax_minor: i64,
}

/// The category of what is no supply, such as a deposit (BT-118: O). It needs no rate.
pub const OUT_OF_SCOPE: &str = "out of scope";

/// Tax on net lines at the rates of their categories, grouped by category and rate in order of first appearance.
pub fn subtotals<'a>(lines: impl IntoIterator<Item = (&'a str, Decimal, Money)>) -> Vec<TaxSubtotal> {
    subtotals_as(
        lines
            .into_iter()
            .map(|(category, rate_percent, net)| (category, Taxed::at(category, rate_percent), net)),
    )
}

/// The same, where somebody chose how they are taxed.
pub fn subtotals_as<'a>(lines: impl IntoIterator<Item = (&'a str, Taxed, Money)>) -> Vec<TaxSubtotal> {
    let mut groups: Vec<TaxSubtotal> = Vec::new();
    for (category, taxed, net) in lines {
        let same = |group: &&mut TaxSubtotal| {
            group.category == category
                && group.rate_percent == taxed.rate_percent
                && group.treatment == taxed.treatment
                && group.exemption == taxed.exemption
        };
        match groups.iter_mut().find(same) {
            Some(group) => group.basis_minor += net.minor,
            None => groups.push(TaxSubtotal {
                category: category.to_owned(),
                rate_percent: taxed.rate_percent,
                treatment: taxed.treatment,
                exemption: taxed.exemption,
                basis_minor: net.minor,
                tax_minor: 0,
            }),
        }
    }
    for group in &mut groups {
        group.tax_minor = round_half_away(Decimal::from(group.basis_minor) * group.rate_percent / Decimal::ONE_HUNDRED);
    }
    groups
}

#[cfg(test)]
mod tests;
