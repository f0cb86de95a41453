use super::{
    cells::Cells,
    command::{Command, Step},
    scope::Scope,
    table::Layout,
};
use coterie_domain::{
    Currency, LocationId,
    plan::{Allowance, NewPlanVersion, PlanTerms, PlanVersionPublished},
};
use rust_decimal::{Decimal, prelude::ToPrimitive};

pub(super) const LAYOUT: Layout = Layout {
    file: "plans.csv",
    required: &["name", "legal_entity", "currency", "price", "tax_category"],
    optional: &[
        "billing_day",
        "allowances",
        "locations",
        "day_passes",
        "money",
        "deposit",
        "tax_included",
    ],
};

/// A plan is known by its name; other terms than those on offer become its next revision.
pub(super) fn step(cells: &mut Cells<'_>, scope: &Scope<'_>) -> Option<Step> {
    let entity = scope
        .legal_entity(cells, "legal_entity")
        .map(|entity| entity.fact.legal_entity_id);
    let currency = cells.currency("currency");
    let price = cells.money("price", currency);
    let billing_day = cells.read_or("billing_day", "a day of the month from 1 to 31", 1);
    let allowances = allowances(cells, scope);
    let locations = locations(cells, scope);
    let on_offer = scope.catalogue.plans_on_offer();
    let name = cells.owned("name");
    let known = on_offer.iter().find(|plan| plan.name == name);
    let terms = terms(cells, currency, known.copied());
    let as_told = known.is_some_and(|known| known.tax_included);
    let tax_included = cells.yes_or_no("tax_included", as_told);
    let new = NewPlanVersion {
        name,
        legal_entity_id: entity?,
        price: price?,
        tax_included: tax_included?,
        billing_day: billing_day?,
        terms: terms?,
        tax_category: cells.text("tax_category").to_lowercase(),
        allowances: allowances?,
        locations: locations?,
        access_hours: known
            .and_then(|known| known.access_hours)
            .map_or_else(String::new, |hours| hours.to_string()),
    };
    if known.is_some_and(|known| says_the_same(known, &new)) {
        return Some(Step::Unchanged);
    }
    Some(Step::Create(Box::new(Command::Plan(
        known.map(|plan| plan.plan_id),
        new,
    ))))
}

fn says_the_same(known: &PlanVersionPublished, new: &NewPlanVersion) -> bool {
    known.legal_entity_id == new.legal_entity_id
        && known.price == new.price
        && known.tax_included == new.tax_included
        && known.billing_day == new.billing_day
        && known.tax_category == new.tax_category
        && known.allowances == new.allowances
        && known.locations == new.locations
        && known.terms() == new.terms
}

/// What the file says of a plan's terms, over those that are on offer: of most terms, and of access hours, it does not speak.
fn terms(cells: &mut Cells<'_>, currency: Option<Currency>, known: Option<&PlanVersionPublished>) -> Option<PlanTerms> {
    let mut terms = known.map_or_else(PlanTerms::default, PlanVersionPublished::terms);
    terms.day_passes = cells.read_or("day_passes", "a number of day passes a cycle", terms.day_passes)?;
    for (column, minor) in [("money", &mut terms.money_minor), ("deposit", &mut terms.deposit_minor)] {
        if !cells.text(column).is_empty() {
            *minor = cells.money(column, currency)?.minor;
        }
    }
    Some(terms)
}

/// "Meeting room: 5; Desk: 100": hours a cycle by resource type.
fn allowances(cells: &mut Cells<'_>, scope: &Scope<'_>) -> Option<Vec<Allowance>> {
    let mut allowances = Vec::new();
    for part in parts(cells.text("allowances")) {
        let Some((name, hours)) = part.rsplit_once(':') else {
            cells.fault(
                "allowances",
                "Please write hours by resource type, such as \u{201c}Meeting room: 5; Desk: 100\u{201d}.",
            );
            return None;
        };
        let minutes = hours
            .trim()
            .parse::<Decimal>()
            .ok()
            .and_then(|hours| hours.checked_mul(Decimal::from(60)))
            .filter(|minutes| minutes.fract().is_zero())
            .and_then(|minutes| minutes.to_i64());
        let Some(minutes) = minutes else {
            cells.fault(
                "allowances",
                format!(
                    "\u{201c}{}\u{201d} is not a number of hours such as 5 or 7.5.",
                    hours.trim()
                ),
            );
            return None;
        };
        let resource_type_id = scope.type_named(cells, "allowances", name.trim())?.resource_type_id;
        allowances.push(Allowance {
            resource_type_id,
            minutes,
        });
    }
    Some(allowances)
}

/// "Berlin Mitte; Berlin Kreuzberg"; none means every location of the legal entity.
fn locations(cells: &mut Cells<'_>, scope: &Scope<'_>) -> Option<Vec<LocationId>> {
    parts(cells.text("locations"))
        .map(|name| {
            scope
                .location_named(cells, "locations", name)
                .map(|location| location.location_id)
        })
        .collect()
}

fn parts(text: &str) -> impl Iterator<Item = &str> {
    text.split(';').map(str::trim).filter(|part| !part.is_empty())
}
