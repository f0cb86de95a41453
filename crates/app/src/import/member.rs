use super::{cells::Cells, scope::Scope, table::Layout};
use crate::member::ImportMember;
use coterie_domain::{LocationId, MemberId, catalogue::Catalogue, member};
use uuid::Uuid;

pub(super) const LAYOUT: Layout = Layout {
    file: "members.csv",
    required: &["external_id", "name", "email"],
    // Plan, start and card are for whoever subscribes the member; the import looks that the plan is on offer at her
    // location, and subscribes nobody: that takes a card, which is saved on a hosted page.
    optional: &["home_location", "company", "plan", "starts_after_days", "card"],
};

/// What the row asks for, if it is without faults, save for what other rows and other members say.
pub(super) fn command(cells: &mut Cells<'_>, scope: &Scope<'_>) -> Option<ImportMember> {
    let home = match cells.text("home_location") {
        "" => None,
        _ => scope
            .location(cells, "home_location")
            .map(|location| location.location_id),
    };
    check_plan(cells, scope.catalogue, home);
    let (name, email, external) = (cells.text("name"), cells.text("email"), cells.text("external_id"));
    if let Err(refusal) = member::import(MemberId(Uuid::nil()), name, email, home, external) {
        cells.refuse(&refusal);
    }
    cells.is_fine().then(|| ImportMember {
        external_id: external.to_owned(),
        name: name.to_owned(),
        email: email.to_owned(),
        home_location_id: home,
        password: None,
    })
}

fn check_plan(cells: &mut Cells<'_>, catalogue: &Catalogue, home: Option<LocationId>) {
    let name = cells.text("plan");
    if name.is_empty() {
        return;
    }
    let offered = catalogue.plans_on_offer();
    let Some(plan) = offered.iter().find(|plan| plan.name == name) else {
        cells.fault("plan", format!("There is no plan \u{201c}{name}\u{201d}."));
        return;
    };
    let location = home.and_then(|home| catalogue.locations.get(&home));
    if let Some(location) = location
        && (location.legal_entity_id != plan.legal_entity_id || !plan.covers(location.location_id))
    {
        cells.fault("plan", format!("{name} is not offered at {}.", location.name));
    }
}
