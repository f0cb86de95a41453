//! Houses: where, when open, and who issues their invoices.

use axum::response::Response;
use coterie_app::{Done, location};
use coterie_domain::{LocationId, catalogue::Catalogue, location::NewLocation};

use super::{
    choices,
    desk::{Desk, shown_again},
    form::{Form, beside},
    location_detail,
    sheet::Sheet,
    typed::{Typed, required},
};
use crate::{
    components::{Cell, Column, EmptyState, Field, Link, Table},
    failure::Failure,
    form::Submitted,
};

pub(super) const HERE: &str = "/operator/locations";
const NEW: &str = "/operator/locations/new";

/// The locations with their hours.
pub(super) async fn list(desk: Desk) -> Result<Response, Failure> {
    let catalogue = desk.catalogue().await?;
    let mut table = Table::new(
        "Locations",
        ["Name", "Address", "Opening hours", "Time zone", "Legal entity"]
            .map(Column::text)
            .into_iter()
            .chain([Column::number("Rooms and desks")])
            .chain(desk.history_column()),
    )
    .empty(
        EmptyState::new(
            "No location yet",
            "Rooms and desks stand in a location, and its hours say when they can be booked.",
        )
        .action("New location", NEW),
    );
    for place in choices::locations(&catalogue) {
        let entity = catalogue.legal_entities.get(&place.legal_entity_id);
        let resources = catalogue
            .resources
            .values()
            .filter(|resource| resource.location_id == place.location_id)
            .count();
        let mut cells: Vec<Cell> = vec![
            Link::new(&place.name, location_detail::address(place.location_id)).into(),
            format!(
                "{}, {} {}, {}",
                place.address.street, place.address.postcode, place.address.city, place.address.country
            )
            .into(),
            place.hours.to_string().into(),
            place.time_zone.clone().into(),
            entity
                .map_or_else(String::new, |entity| entity.fact.name.clone())
                .into(),
            resources.to_string().into(),
        ];
        cells.extend(desk.history_cell(place.location_id.0));
        table.push(cells);
    }
    Ok(Sheet::set_up(&desk, "Locations")
        .lead("Hours, prices and billing days are in a location's own time zone.")
        .action("New location", NEW)
        .part(&table)
        .show())
}

/// The empty form.
pub(super) async fn new(desk: Desk) -> Result<Response, Failure> {
    let catalogue = desk.catalogue().await?;
    Ok(sheet(&desk, &form(&catalogue)).show())
}

/// Opens one.
pub(super) async fn create(desk: Desk, submitted: Submitted) -> Result<Response, Failure> {
    match attempt(&desk, &submitted).await {
        Ok(done) => Ok(desk.done(done.position, "The location is open.", HERE)),
        Err(failure) => {
            let failure = shown_again(failure)?;
            let form = form(&*desk.catalogue().await?).refused(&submitted, &failure);
            Ok(sheet(&desk, &form).show_with(failure.status))
        }
    }
}

async fn attempt(desk: &Desk, submitted: &Submitted) -> Result<Done<LocationId>, Failure> {
    let mut typed = Typed::new(submitted);
    let entity = typed.id("legal_entity_id");
    let new = NewLocation {
        name: typed.text("name"),
        street: typed.text("street"),
        postcode: typed.text("postcode"),
        city: typed.text("city"),
        country: typed.text("country"),
        time_zone: typed.text("time_zone"),
        opening_hours: typed.text("opening_hours"),
    };
    typed.finish()?;
    let entity = required(entity, "legal_entity_id")?;
    Ok(location::open(&desk.house.app, &desk.caller(), entity, new).await?)
}

fn form(catalogue: &Catalogue) -> Form {
    let [street, postcode, city, country] = choices::address_fields();
    Form::post(HERE, "Open location")
        .cancel(HERE)
        .with(Field::text("name", "Name").hint("As members call it: Harbour House.").attribute("maxlength", "120"))
        .with(choices::entity_select(catalogue).hint("It issues the invoices for what happens here."))
        .with(street)
        .with(beside([postcode.into(), city.into(), country.into()]))
        .with(choices::zone_field("Of everything that happens here, such as Europe/Berlin."))
        .with(choices::zone_suggestions())
        .with(
            Field::text("opening_hours", "Opening hours")
                .value("Mon-Fri 08:00-20:00")
                .hint("Such as Mon-Fri 08:00-20:00; Sat 09:00-18:00. Each day once; days that are not named are closed; 00:00-24:00 is the whole day.")
                .attribute("spellcheck", "false"),
        )
}

fn sheet(desk: &Desk, form: &Form) -> Sheet {
    Sheet::set_up(desk, "New location").back("Locations", HERE).part(form)
}
