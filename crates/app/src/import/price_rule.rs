use super::{
    cells::Cells,
    command::{Command, Step},
    scope::Scope,
    table::Layout,
};
use coterie_domain::{
    Currency, LocationId, Money, ResourceId, ResourceTypeId,
    local_time::Hours,
    resource::{BookedBy, Conditions, NewPriceRule, PriceRulePublished},
};
use jiff::civil::Time;

pub(super) const LAYOUT: Layout = Layout {
    file: "price_rules.csv",
    required: &["type", "currency", "per_hour"],
    optional: &[
        "location",
        "half_day",
        "day_cap",
        "minimum",
        "per_seat",
        "tax_included",
        "weekdays",
        "from",
        "until",
        "first_day",
        "last_day",
        "plan",
        "resource",
        "min_minutes",
        "min_people",
        "company",
        "booked_by",
    ],
};

/// A rule has no name: it is there when the last one published for the same type, location, currency and conditions says
/// the same.
pub(super) fn step(cells: &mut Cells<'_>, scope: &Scope<'_>) -> Option<Step> {
    let kind = scope.resource_type(cells, "type").map(|kind| kind.resource_type_id);
    let location = maybe(cells, "location", |cells, column| {
        scope.location(cells, column).map(|location| location.location_id)
    });
    let currency = cells.currency("currency");
    let per_hour = cells.money("per_hour", currency);
    let half_day = amount(cells, "half_day", currency);
    let day_cap = amount(cells, "day_cap", currency);
    let minimum = amount(cells, "minimum", currency);
    let per_seat = cells.yes_or_no("per_seat", false);
    let tax_included = cells.yes_or_no("tax_included", false);
    let conditions = conditions(cells, scope, (kind, location));
    let price = NewPriceRule {
        resource_type_id: kind?,
        location_id: location?,
        per_hour: per_hour?,
        tax_included: tax_included?,
        half_day: half_day?,
        day_cap: day_cap?,
        minimum: minimum?,
        per_seat: per_seat?,
        conditions: conditions?,
    };
    let positions = &scope.catalogue.price_rule_positions;
    let rules = scope.catalogue.price_rules.values().filter(|rule| {
        rule.resource_type_id == price.resource_type_id
            && rule.location_id == price.location_id
            && rule.per_hour.currency == price.per_hour.currency
            && rule.conditions == price.conditions
    });
    let last = rules.max_by_key(|rule| positions.get(&rule.price_rule_id));
    if last.is_some_and(|rule| says_the_same(rule, &price)) {
        return Some(Step::Unchanged);
    }
    Some(Step::Create(Box::new(Command::Price(price))))
}

fn says_the_same(known: &PriceRulePublished, new: &NewPriceRule) -> bool {
    known.per_hour == new.per_hour
        && known.half_day == new.half_day
        && known.day_cap == new.day_cap
        && known.minimum == new.minimum
        && known.per_seat == new.per_seat
        && known.tax_included == new.tax_included
}

/// Every faulty cell is told, so each is read before the first that is missing ends it.
#[expect(clippy::option_option, reason = "a cell can be faulty, empty, or say something")]
fn conditions(
    cells: &mut Cells<'_>,
    scope: &Scope<'_>,
    (kind, location): (Option<ResourceTypeId>, Option<Option<LocationId>>),
) -> Option<Conditions> {
    let weekdays = weekdays(cells);
    let hours = hours(cells);
    let day = "a day such as 2026-12-31";
    let first_day = maybe(cells, "first_day", |cells, column| cells.read(column, day));
    let last_day = maybe(cells, "last_day", |cells, column| cells.read(column, day));
    let plan_id = maybe(cells, "plan", |cells, column| {
        scope.plan(cells, column).map(|plan| plan.plan_id)
    });
    let resource_id = maybe(cells, "resource", |cells, column| {
        resource(cells, column, scope, kind?, location?)
    });
    let min_minutes = maybe(cells, "min_minutes", |cells, column| {
        cells.read(column, "a whole number of minutes")
    });
    let min_people = maybe(cells, "min_people", |cells, column| {
        cells.read(column, "a whole number of people")
    });
    let company_id = maybe(cells, "company", |cells, column| scope.company(cells, column));
    let booked_by = maybe(cells, "booked_by", booked_by);
    Some(Conditions {
        weekdays: weekdays?,
        hours: hours?,
        first_day: first_day?,
        last_day: last_day?,
        plan_id: plan_id?,
        resource_id: resource_id?,
        min_minutes: min_minutes?,
        min_people: min_people?,
        company_id: company_id?,
        booked_by: booked_by?,
    })
}

/// A cell that may be empty: `Some(None)` where it is, `None` where it is faulty.
#[expect(clippy::option_option, reason = "a cell can be faulty, empty, or say something")]
fn maybe<'a, T>(
    cells: &mut Cells<'a>,
    column: &str,
    read: impl FnOnce(&mut Cells<'a>, &str) -> Option<T>,
) -> Option<Option<T>> {
    if cells.text(column).is_empty() {
        return Some(None);
    }
    read(cells, column).map(Some)
}

#[expect(clippy::option_option, reason = "a cell can be faulty, empty, or say something")]
fn amount(cells: &mut Cells<'_>, column: &str, currency: Option<Currency>) -> Option<Option<Money>> {
    maybe(cells, column, |cells, column| cells.money(column, currency))
}

fn booked_by(cells: &mut Cells<'_>, column: &str) -> Option<BookedBy> {
    match cells.text(column).to_lowercase().as_str() {
        "member" => Some(BookedBy::Member),
        "visitor" => Some(BookedBy::Visitor),
        _ => {
            cells.fault(column, "Please write member or visitor.");
            None
        }
    }
}

/// A room by its name; of several houses' the one of the row's location.
fn resource(
    cells: &mut Cells<'_>,
    column: &str,
    scope: &Scope<'_>,
    kind: ResourceTypeId,
    location: Option<LocationId>,
) -> Option<ResourceId> {
    let name = cells.text(column);
    let mut found = scope.catalogue.resources.values().filter(|resource| {
        resource.name == name
            && resource.resource_type_id == kind
            && location.is_none_or(|location| location == resource.location_id)
    });
    match (found.next(), found.next()) {
        (Some(one), None) => Some(one.resource_id),
        (Some(_), Some(_)) => {
            cells.fault(
                column,
                format!("Several locations have a \u{201c}{name}\u{201d}; please name the location."),
            );
            None
        }
        (None, _) => {
            cells.fault(
                column,
                format!("There is no \u{201c}{name}\u{201d} of this type, here or in resources.csv."),
            );
            None
        }
    }
}

/// "16:00" and "20:00"; 24:00 is the end of the day.
#[expect(clippy::option_option, reason = "a cell can be faulty, empty, or say something")]
fn hours(cells: &mut Cells<'_>) -> Option<Option<Hours>> {
    if cells.text("from").is_empty() && cells.text("until").is_empty() {
        return Some(None);
    }
    let mut time = |column| {
        let time = match cells.text(column) {
            "24:00" => Some(Time::midnight()),
            text => Time::strptime("%H:%M", text).ok(),
        };
        if time.is_none() {
            cells.fault(column, "Please write both ends of the hours, such as 16:00 and 20:00.");
        }
        time
    };
    let (from, to) = (time("from"), time("until"));
    Some(Some(Hours { from: from?, to: to? }))
}

/// "Mon-Fri" or "Sat; Sun".
fn weekdays(cells: &mut Cells<'_>) -> Option<Vec<i8>> {
    let days = read_weekdays(cells.text("weekdays"));
    if days.is_none() {
        cells.fault(
            "weekdays",
            "Please write weekdays such as \u{201c}Mon-Fri\u{201d} or \u{201c}Sat; Sun\u{201d}.",
        );
    }
    days
}

fn read_weekdays(text: &str) -> Option<Vec<i8>> {
    const NAMES: [&str; 7] = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];
    let number = |name: &str| {
        let name = name.trim().to_lowercase();
        let index = NAMES.iter().position(|known| *known == name)?;
        i8::try_from(index + 1).ok()
    };
    let mut days = Vec::new();
    for part in text.split([';', ',']).map(str::trim).filter(|part| !part.is_empty()) {
        let (first, last) = part.split_once('-').unwrap_or((part, part));
        let (first, last) = (number(first)?, number(last)?);
        if last < first {
            return None;
        }
        days.extend(first..=last);
    }
    days.sort_unstable();
    days.dedup();
    Some(days)
}

#[cfg(test)]
mod tests {
    use super::read_weekdays;

    #[test]
    fn weekdays_are_read_as_people_write_them() {
        for (text, days) in [
            ("", Some(vec![])),
            ("Mon-Fri", Some(vec![1, 2, 3, 4, 5])),
            ("sun; Sat, sat", Some(vec![6, 7])),
            ("Fri-Mon", None),
            ("weekdays", None),
        ] {
            assert_eq!(read_weekdays(text), days, "{text}");
        }
    }
}
