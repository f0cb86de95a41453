use super::{
    cells::Cells,
    command::{Command, Step},
    scope::Scope,
    table::Layout,
};
use coterie_domain::{
    local_time::OpeningHours,
    location::{LocationOpened, NewLocation},
};

pub(super) const LAYOUT: Layout = Layout {
    file: "locations.csv",
    required: &[
        "name",
        "legal_entity",
        "street",
        "city",
        "country",
        "time_zone",
        "opening_hours",
    ],
    optional: &["postcode"],
};

pub(super) fn step(cells: &mut Cells<'_>, scope: &Scope<'_>) -> Option<Step> {
    let entity = scope.legal_entity(cells, "legal_entity")?.fact.legal_entity_id;
    let name = cells.text("name");
    let mut locations = scope.catalogue.locations.values();
    if let Some(known) = locations.find(|location| location.name == name) {
        must_be_as(cells, known, known.legal_entity_id == entity);
        return Some(Step::Unchanged);
    }
    let new = NewLocation {
        name: cells.owned("name"),
        street: cells.owned("street"),
        postcode: cells.owned("postcode"),
        city: cells.owned("city"),
        country: cells.owned("country"),
        time_zone: cells.owned("time_zone"),
        opening_hours: cells.owned("opening_hours"),
    };
    Some(Step::Create(Box::new(Command::Location(entity, new))))
}

fn must_be_as(cells: &mut Cells<'_>, known: &LocationOpened, same_entity: bool) {
    if !same_entity {
        cells.fault(
            "legal_entity",
            "It is there already with another legal entity; an import changes nothing.",
        );
    }
    cells.must_be("time_zone", &known.time_zone);
    // Hours can be written in many ways: what they mean is compared.
    if OpeningHours::parse(cells.text("opening_hours")).as_ref() != Ok(&known.hours) {
        cells.must_be("opening_hours", &known.hours.to_string());
    }
}
