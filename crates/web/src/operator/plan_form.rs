//! The form of a plan's version. Its rows of allowances are there from the start, so that it works without script.

use coterie_domain::{catalogue::Catalogue, plan::PlanVersionPublished};
use rust_decimal::{Decimal, prelude::ToPrimitive as _};

use super::{
    choices,
    form::{CheckGroup, Form, beside, group},
};
use crate::components::{Field, Select};

/// Rows for hours of a type. More than these no plan has needed.
pub(super) const ALLOWANCE_ROWS: [(&str, &str); 4] = [
    ("allowance_type_1", "allowance_hours_1"),
    ("allowance_type_2", "allowance_hours_2"),
    ("allowance_type_3", "allowance_hours_3"),
    ("allowance_type_4", "allowance_hours_4"),
];

/// Hours as typed, in whole minutes: `2.5` is 150.
pub(super) fn minutes_of(hours: &str) -> Option<i64> {
    let minutes = Decimal::from_str_exact(hours).ok()?.checked_mul(Decimal::from(60))?;
    (minutes.fract().is_zero()).then_some(())?;
    minutes.to_i64()
}

/// Minutes as hours are typed.
fn hours_of(minutes: i64) -> String {
    (Decimal::from(minutes) / Decimal::from(60))
        .round_dp(4)
        .normalize()
        .to_string()
}

/// For a plan that is not there yet.
pub(super) fn of_new(catalogue: &Catalogue, action: &str) -> Form {
    filled(catalogue, action, None, "Publish plan").cancel(action)
}

/// For the version after this one, with what this one says.
pub(super) fn of_next(catalogue: &Catalogue, latest: &PlanVersionPublished, action: &str) -> Form {
    filled(catalogue, action, Some(latest), "Publish version")
}

fn filled(catalogue: &Catalogue, action: &str, latest: Option<&PlanVersionPublished>, submit: &str) -> Form {
    let mut entity = choices::entity_select(catalogue);
    let mut currency = choices::currency_select(catalogue);
    let mut price = Field::text("price", "Price a month")
        .hint("Net, such as 300.00.")
        .attribute("inputmode", "decimal")
        .autocomplete("off");
    let mut name = Field::text("name", "Name").attribute("maxlength", "120");
    let mut billing_day = Field::number("billing_day", "Billing day")
        .value("1")
        .hint("1 to 31; 31 is the last day of short months.")
        .attribute("min", "1")
        .attribute("max", "31");
    let mut access = Field::text("access_hours", "Access hours")
        .optional()
        .hint("When it lets members in, such as Mon-Fri 08:00-18:00; left empty, at any time. Nobody books outside of them.")
        .attribute("spellcheck", "false");
    let (mut category, suggestions) = choices::category_field("tax_category", catalogue);
    if let Some(latest) = latest {
        entity = entity.value(latest.legal_entity_id.to_string());
        currency = currency.value(latest.price.currency.code());
        price = price.value(latest.price.amount());
        name = name.value(&latest.name);
        billing_day = billing_day.value(latest.billing_day.to_string());
        category = category.value(&latest.tax_category);
        access = access.value(latest.access_hours.map_or_else(String::new, |hours| hours.to_string()));
    }
    let rows = ALLOWANCE_ROWS
        .into_iter()
        .enumerate()
        .map(|(index, (kind_name, hours_name))| {
            let known = latest.and_then(|latest| latest.allowances.get(index));
            let kind = Select::new(
                kind_name,
                format!("Type, row {}", index + 1),
                choices::type_choices(catalogue),
            )
            .optional()
            .prompt("None")
            .value(known.map_or_else(String::new, |known| known.resource_type_id.to_string()));
            let hours = Field::text(hours_name, "Hours a month")
                .optional()
                .value(known.map_or_else(String::new, |known| hours_of(known.minutes)))
                .attribute("inputmode", "decimal");
            beside([kind.into(), hours.into()])
        });
    let locations = choices::locations(catalogue).into_iter().map(|place| {
        let id = place.location_id;
        (
            id.to_string(),
            place.name.clone(),
            latest.is_some_and(|latest| latest.locations.contains(&id)),
        )
    });
    Form::post(action, submit)
        .with(name)
        .with(entity)
        .with(beside([price.into(), currency.into(), billing_day.into()]))
        .with(category)
        .with(suggestions)
        .with(access)
        .with(group(
            "allowances",
            "Included hours",
            "Hours of a type that each month grants; what is booked beyond them is charged. Leave rows empty that are not needed.",
            rows,
        ))
        .with(CheckGroup::new("locations", "Where it is valid", locations).hint("None ticked means every location of the legal entity."))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hours_are_whole_minutes() {
        assert_eq!(minutes_of("5"), Some(300));
        assert_eq!(minutes_of("2.5"), Some(150));
        assert_eq!(minutes_of("0.33"), None);
        assert_eq!(minutes_of("five"), None);
        assert_eq!([hours_of(300), hours_of(150)], ["5", "2.5"]);
    }
}
