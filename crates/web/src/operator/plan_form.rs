//! The form of a plan's version. Its rows of allowances are there from the start, so that it works without script.

use coterie_domain::{
    Currency, Money,
    catalogue::Catalogue,
    period::CycleLength,
    plan::{PlanTerms, PlanVersionPublished},
};
use rust_decimal::{Decimal, prelude::ToPrimitive as _};

use super::{
    choices,
    form::{CheckGroup, Control, Form, beside, group},
    typed::Typed,
};
use crate::components::{Checkbox, Choice, Field, Select};

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
pub(super) fn hours_of(minutes: i64) -> String {
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
    let mut price = Field::text("price", "Price a cycle")
        .hint("Such as 300.00.")
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
    // The next version is told as this one is.
    let told = choices::told_select(match latest {
        Some(latest) => latest.tax_included,
        None => catalogue.tells_with_tax(choices::only_entity(catalogue)),
    })
    .hint("Price and set-up fee; deposit and money are without VAT.");
    let terms = Terms::of(latest);
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
            let hours = Field::text(hours_name, "Hours a cycle")
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
        .with(beside([price.into(), currency.into(), told.into(), billing_day.into()]))
        .with(terms.paid())
        .with(category)
        .with(suggestions)
        .with(terms.left())
        .with(access)
        .with(group(
            "allowances",
            "Included hours",
            "Hours of a type that each cycle grants; what is booked beyond them is charged. Leave rows empty that are not needed.",
            rows,
        ))
        .with(terms.granted())
        .with(CheckGroup::new("locations", "Where it is valid", locations).hint("None ticked means every location of the legal entity."))
}

/// The fields of a plan's terms, with what the version before says.
struct Terms(PlanTerms, Option<Currency>);

impl Terms {
    fn of(latest: Option<&PlanVersionPublished>) -> Self {
        Self(
            latest.map_or_else(PlanTerms::default, PlanVersionPublished::terms),
            latest.map(|latest| latest.price.currency),
        )
    }

    fn paid(&self) -> Control {
        let cycle = Field::text("cycle", "Cycle")
            .value(self.0.length.to_string())
            .hint("week, month, quarter, year, or days such as 10 days.");
        let paid = [("false", "when a cycle begins"), ("true", "when it is over")];
        let paid = Select::new(
            "in_arrears",
            "Invoiced",
            paid.map(|(value, label)| Choice::new(value, label)),
        )
        .value(self.0.in_arrears.to_string());
        let fee = self
            .amount("set_up_fee", "Set-up fee", self.0.set_up_fee_minor)
            .hint("Once.");
        let deposit = self
            .amount("deposit", "Deposit", self.0.deposit_minor)
            .hint("Held while a membership runs; without VAT.");
        beside([cycle.into(), paid.into(), fee.into(), deposit.into()])
    }

    /// An amount that a plan may do without, with what the version before says.
    fn amount(&self, name: &'static str, label: &'static str, minor: i64) -> Field {
        let field = Field::text(name, label).optional().attribute("inputmode", "decimal");
        match self.1.filter(|_| minor > 0) {
            Some(currency) => field.value(Money::new(minor, currency).amount()),
            None => field,
        }
    }

    fn granted(&self) -> Control {
        let passes = Field::number("day_passes", "Day passes a cycle")
            .value(self.0.day_passes.to_string())
            .attribute("min", "0");
        let money = self
            .amount("money", "Money a cycle", self.0.money_minor)
            .hint("Net. It pays for bookings and passes that hours and passes do not cover.");
        beside([passes.into(), money.into()])
    }

    fn left(&self) -> Control {
        let number = |name, label: &str, value: i64| {
            Control::from(
                Field::number(name, label)
                    .value(value.to_string())
                    .attribute("min", "0"),
            )
        };
        let by_days = Checkbox::new("allowances_by_days", "A short cycle grants only the part of its days")
            .checked(self.0.allowances_by_days);
        group(
            "terms",
            "Terms",
            "Free days at the start; whole cycles that are paid in any case; days from notice to the end, which is the end of a cycle; cycles in which hours that were not used can still be used.",
            [
                beside([
                    number("trial_days", "Free days", self.0.trial_days),
                    number("term_cycles", "Term in cycles", self.0.term_cycles),
                ]),
                beside([
                    number("notice_days", "Days of notice", self.0.notice_days),
                    number("rollover_cycles", "Cycles that hours live on", self.0.rollover_cycles),
                ]),
                number("seats", "People who may use one membership", self.0.seats),
                by_days.into(),
            ],
        )
    }
}

/// Reads the fields of a plan's terms.
pub(super) fn terms(typed: &mut Typed<'_>, currency: Option<Currency>) -> PlanTerms {
    let text = typed.text("cycle");
    let length = match text.trim() {
        "" => CycleLength::Month,
        text => CycleLength::parse(text).unwrap_or_else(|sentence| {
            typed.wrong("cycle", sentence);
            CycleLength::Month
        }),
    };
    PlanTerms {
        length,
        in_arrears: typed.text("in_arrears") == "true",
        set_up_fee_minor: typed.maybe_money("set_up_fee", currency).map_or(0, |fee| fee.minor),
        trial_days: typed.number("trial_days", Some(0)),
        term_cycles: typed.number("term_cycles", Some(0)),
        notice_days: typed.number("notice_days", Some(0)),
        rollover_cycles: typed.number("rollover_cycles", Some(0)),
        allowances_by_days: !typed.text("allowances_by_days").is_empty(),
        seats: typed.number("seats", Some(1)),
        day_passes: typed.number("day_passes", Some(0)),
        money_minor: typed.maybe_money("money", currency).map_or(0, |money| money.minor),
        deposit_minor: typed
            .maybe_money("deposit", currency)
            .map_or(0, |deposit| deposit.minor),
    }
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
