use super::{
    cells::Cells,
    command::{Command, Step},
    scope::Scope,
    table::Layout,
};
use jiff::civil::Date;
use rust_decimal::Decimal;

pub(super) const LAYOUT: Layout = Layout {
    file: "tax_rates.csv",
    required: &["country", "category", "rate_percent", "effective_from"],
    optional: &[],
};

pub(super) fn step(cells: &mut Cells<'_>, scope: &Scope<'_>) -> Option<Step> {
    let rate_percent: Option<Decimal> = cells.read("rate_percent", "a percentage such as 19 or 7.7");
    let effective_from: Option<Date> = cells.read("effective_from", "a day such as 2021-01-01");
    let (rate_percent, effective_from) = (rate_percent?, effective_from?);
    let country = cells.text("country").to_ascii_uppercase();
    let category = cells.text("category").to_lowercase();
    let mut of_that_day =
        scope.catalogue.tax_rates.iter().filter(|rate| {
            rate.country == country && rate.category == category && rate.effective_from == effective_from
        });
    if of_that_day
        .next_back()
        .is_some_and(|rate| rate.rate_percent == rate_percent)
    {
        return Some(Step::Unchanged);
    }
    Some(Step::Create(Box::new(Command::TaxRate {
        country,
        category,
        rate_percent,
        effective_from,
    })))
}
