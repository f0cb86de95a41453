//! Rooms, desks and whatever else can be booked.

use axum::response::Response;
use coterie_app::{Done, resource};
use coterie_domain::{
    ResourceId, booking,
    catalogue::Catalogue,
    resource::{NewResource, ResourceAdded},
};

use super::{
    choices,
    desk::{Desk, shown_again},
    form::{Form, beside},
    resource_detail,
    sheet::Sheet,
    typed::{Typed, required},
};
use crate::{
    components::{Badge, Cell, Choice, Column, EmptyState, Field, Link, Select, Table, Tone},
    failure::Failure,
    form::Submitted,
    told,
};

pub(super) const HERE: &str = "/operator/resources";
const NEW: &str = "/operator/resources/new";
/// What starts and lengths can be multiples of, in minutes.
const STEPS: [&str; 5] = ["5", "10", "15", "30", "60"];

/// A table of rooms and desks for each location.
pub(super) async fn list(desk: Desk) -> Result<Response, Failure> {
    let catalogue = desk.catalogue().await?;
    let mut sheet = Sheet::set_up(&desk, "Rooms and desks")
        .lead("What members book, with the price that counts where it stands.")
        .action("Add a room or desk", NEW);
    for place in choices::locations(&catalogue) {
        let mut here: Vec<_> = catalogue
            .resources
            .values()
            .filter(|resource| resource.location_id == place.location_id)
            .collect();
        here.sort_by(|a, b| a.name.cmp(&b.name));
        if !here.is_empty() {
            sheet = sheet.part(&table(&desk, &place.name, &here, &catalogue));
        }
    }
    if catalogue.resources.is_empty() {
        sheet = sheet.part(
            &EmptyState::new("No room or desk yet", "Members book what stands here.").action("Add a room or desk", NEW),
        );
    }
    Ok(sheet.show())
}

fn table(desk: &Desk, place: &str, resources: &[&ResourceAdded], catalogue: &Catalogue) -> Table {
    let mut columns = vec![
        Column::text("Name"),
        Column::text("Type"),
        Column::number("People"),
        Column::text("Length"),
        Column::text("Buffers"),
        Column::number("Per hour"),
    ];
    columns.extend(desk.history_column());
    let mut table = Table::new(place, columns);
    for room in resources {
        let kind = catalogue.resource_types.get(&room.resource_type_id);
        let price = booking::rule_for(room, catalogue).map_or_else(
            |_| Cell::from(Badge::new(Tone::Warning, "No price")),
            |rule| told::price(rule.per_hour, rule.tax_included).into(),
        );
        let mut cells: Vec<Cell> = vec![
            Link::new(&room.name, resource_detail::address(room.resource_id)).into(),
            kind.map_or_else(String::new, |kind| kind.name.clone()).into(),
            room.capacity.to_string().into(),
            resource_detail::length(room).into(),
            resource_detail::buffers(room).into(),
            price,
        ];
        cells.extend(desk.history_cell(room.resource_id.0));
        table.push(cells);
    }
    table
}

/// The empty form.
pub(super) async fn new(desk: Desk) -> Result<Response, Failure> {
    let catalogue = desk.catalogue().await?;
    Ok(sheet(&desk, &form(&catalogue)).show())
}

/// Adds one.
pub(super) async fn create(desk: Desk, submitted: Submitted) -> Result<Response, Failure> {
    match attempt(&desk, &submitted).await {
        Ok(done) => {
            let message = format!("{} can be booked.", submitted.get("name").trim());
            Ok(desk.done(done.position, message, HERE))
        }
        Err(failure) => {
            let failure = shown_again(failure)?;
            let form = form(&*desk.catalogue().await?).refused(&submitted, &failure);
            Ok(sheet(&desk, &form).show_with(failure.status))
        }
    }
}

async fn attempt(desk: &Desk, submitted: &Submitted) -> Result<Done<ResourceId>, Failure> {
    let mut typed = Typed::new(submitted);
    let (kind, location) = (typed.id("resource_type_id"), typed.id("location_id"));
    let usual = NewResource::default();
    let new = NewResource {
        name: typed.text("name"),
        capacity: typed.number("capacity", None),
        buffer_before_minutes: typed.number("buffer_before_minutes", Some(usual.buffer_before_minutes)),
        buffer_after_minutes: typed.number("buffer_after_minutes", Some(usual.buffer_after_minutes)),
        min_minutes: typed.number("min_minutes", Some(usual.min_minutes)),
        max_minutes: typed.number("max_minutes", Some(usual.max_minutes)),
        step_minutes: typed.number("step_minutes", Some(usual.step_minutes)),
    };
    typed.finish()?;
    let (kind, location) = (required(kind, "resource_type_id")?, required(location, "location_id")?);
    Ok(resource::add(&desk.house.app, &desk.caller(), kind, location, new).await?)
}

fn form(catalogue: &Catalogue) -> Form {
    let usual = NewResource::default();
    let minutes = |name, label: &str, value: i32| {
        Field::number(name, label)
            .value(value.to_string())
            .attribute("min", "0")
            .attribute("max", "1440")
    };
    Form::post(HERE, "Add")
        .cancel(HERE)
        .with(beside([
            choices::location_select(catalogue).into(),
            choices::type_select(catalogue).into(),
        ]))
        .with(beside([
            Field::text("name", "Name")
                .hint("As on its door: Elbe.")
                .attribute("maxlength", "120")
                .into(),
            Field::number("capacity", "People it holds")
                .value(usual.capacity.to_string())
                .attribute("min", "1")
                .attribute("max", "10000")
                .into(),
        ]))
        .with(beside([
            minutes("min_minutes", "Shortest booking, minutes", usual.min_minutes).into(),
            minutes("max_minutes", "Longest booking, minutes", usual.max_minutes).into(),
            Select::new(
                "step_minutes",
                "Step, minutes",
                STEPS.map(|step| Choice::new(step, step)),
            )
            .value(usual.step_minutes.to_string())
            .hint("Starts and lengths are multiples of it.")
            .into(),
        ]))
        .with(beside([
            minutes(
                "buffer_before_minutes",
                "Set-up before, minutes",
                usual.buffer_before_minutes,
            )
            .into(),
            minutes(
                "buffer_after_minutes",
                "Clean-up after, minutes",
                usual.buffer_after_minutes,
            )
            .hint("Nobody else can book in this time; it is not charged.")
            .into(),
        ]))
}

fn sheet(desk: &Desk, form: &Form) -> Sheet {
    Sheet::set_up(desk, "Add a room or desk")
        .back("Rooms and desks", HERE)
        .part(form)
}
