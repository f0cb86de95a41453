use super::{
    cells::Cells,
    command::{Command, Step},
    scope::Scope,
    table::Layout,
};
use coterie_domain::resource::NewResource;

pub(super) const TYPES: Layout = Layout {
    file: "resource_types.csv",
    required: &["name", "tax_category"],
    optional: &[],
};

pub(super) const LAYOUT: Layout = Layout {
    file: "resources.csv",
    required: &["location", "type", "name"],
    optional: &[
        "capacity",
        "buffer_before_minutes",
        "buffer_after_minutes",
        "min_minutes",
        "max_minutes",
        "step_minutes",
    ],
};

#[expect(
    clippy::unnecessary_wraps,
    reason = "one of the table of steps, of which others have no answer"
)]
pub(super) fn type_step(cells: &mut Cells<'_>, scope: &Scope<'_>) -> Option<Step> {
    let name = cells.text("name");
    let mut types = scope.catalogue.resource_types.values();
    if let Some(known) = types.find(|kind| kind.name == name) {
        let tax_category = known.tax_category.clone();
        cells.must_be("tax_category", &tax_category);
        return Some(Step::Unchanged);
    }
    Some(Step::Create(Box::new(Command::ResourceType {
        name: cells.owned("name"),
        tax_category: cells.owned("tax_category"),
    })))
}

pub(super) fn step(cells: &mut Cells<'_>, scope: &Scope<'_>) -> Option<Step> {
    let location = scope.location(cells, "location").map(|location| location.location_id);
    let kind = scope.resource_type(cells, "type").map(|kind| kind.resource_type_id);
    let usual = NewResource::default();
    let minutes = "a whole number of minutes";
    let capacity = cells.read_or("capacity", "a whole number of people", usual.capacity);
    let before = cells.read_or("buffer_before_minutes", minutes, usual.buffer_before_minutes);
    let after = cells.read_or("buffer_after_minutes", minutes, usual.buffer_after_minutes);
    let min = cells.read_or("min_minutes", minutes, usual.min_minutes);
    let max = cells.read_or("max_minutes", minutes, usual.max_minutes);
    let step = cells.read_or("step_minutes", minutes, usual.step_minutes);
    let (location, kind) = (location?, kind?);
    let new = NewResource {
        name: cells.owned("name"),
        capacity: capacity?,
        buffer_before_minutes: before?,
        buffer_after_minutes: after?,
        min_minutes: min?,
        max_minutes: max?,
        step_minutes: step?,
    };
    let mut resources = scope.catalogue.resources.values();
    let Some(known) = resources.find(|other| other.location_id == location && other.name == new.name) else {
        return Some(Step::Create(Box::new(Command::Resource(kind, location, new))));
    };
    if known.resource_type_id != kind {
        cells.fault(
            "type",
            "It is there already with another type; an import changes nothing.",
        );
    }
    for (column, given, known) in [
        ("capacity", new.capacity, known.capacity),
        (
            "buffer_before_minutes",
            new.buffer_before_minutes,
            known.buffer_before_minutes,
        ),
        (
            "buffer_after_minutes",
            new.buffer_after_minutes,
            known.buffer_after_minutes,
        ),
        ("min_minutes", new.min_minutes, known.min_minutes),
        ("max_minutes", new.max_minutes, known.max_minutes),
        ("step_minutes", new.step_minutes, known.step_minutes),
    ] {
        if given != known {
            cells.must_be(column, &known.to_string());
        }
    }
    Some(Step::Unchanged)
}
