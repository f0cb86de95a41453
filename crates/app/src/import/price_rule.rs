use super::{
    cells::Cells,
    command::{Command, Step},
    scope::Scope,
    table::Layout,
};
use coterie_domain::resource::NewPriceRule;

pub(super) const LAYOUT: Layout = Layout {
    file: "price_rules.csv",
    required: &["type", "currency", "per_hour"],
    optional: &["location", "day_cap"],
};

/// A rule has no name: it is there when the last one published for the same type, location and currency says the same.
pub(super) fn step(cells: &mut Cells<'_>, scope: &Scope<'_>) -> Option<Step> {
    let kind = scope.resource_type(cells, "type").map(|kind| kind.resource_type_id);
    let location = match cells.text("location") {
        "" => Some(None),
        _ => scope
            .location(cells, "location")
            .map(|location| Some(location.location_id)),
    };
    let currency = cells.currency("currency");
    let per_hour = cells.money("per_hour", currency);
    let day_cap = match cells.text("day_cap") {
        "" => Some(None),
        _ => cells.money("day_cap", currency).map(Some),
    };
    let price = NewPriceRule {
        location_id: location?,
        day_cap: day_cap?,
        ..NewPriceRule::by_the_hour(kind?, per_hour?)
    };
    let positions = &scope.catalogue.price_rule_positions;
    let rules = scope.catalogue.price_rules.values().filter(|rule| {
        rule.resource_type_id == price.resource_type_id
            && rule.location_id == price.location_id
            && rule.per_hour.currency == price.per_hour.currency
            && rule.conditions == price.conditions
    });
    let last = rules.max_by_key(|rule| positions.get(&rule.price_rule_id));
    if last.is_some_and(|rule| rule.per_hour == price.per_hour && rule.day_cap == price.day_cap) {
        return Some(Step::Unchanged);
    }
    Some(Step::Create(Box::new(Command::Price(price))))
}
