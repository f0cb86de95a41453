//! One floor of a house: its name and level, its plan, and what stands where on it.

use axum::{extract::Path, response::Response};
use coterie_app::floor;
use coterie_domain::{
    FloorId, LocationId,
    catalogue::Catalogue,
    floor::{Floor, NewFloor},
};
use http::HeaderMap;
use uuid::Uuid;

use super::{
    desk::{Desk, shown_again},
    form::{Form, beside},
    location_detail, resource_detail,
    sheet::{Html, Sheet},
    typed::Typed,
};
use crate::{
    audit::links,
    components::{Column, EmptyState, Field, FloorPlan, Link, Table},
    failure::Failure,
    form::Submitted,
    pictures,
    upload::Upload,
};

/// What an upload of a plan may weigh, with what belongs to the form.
pub(super) const UPLOAD_LIMIT_BYTES: usize = 2 * floor::MAX_PLAN_BYTES;

pub(super) fn address(id: impl std::fmt::Display) -> String {
    format!("/operator/floors/{id}")
}

/// The form for a name and a level.
pub(super) fn form(action: String, submit: &str, floor: Option<&Floor>) -> Form {
    let (name, level) = floor.map_or((String::new(), 0), |floor| (floor.fact.name.clone(), floor.fact.level));
    Form::post(action, submit).with(beside([
        Field::text("name", "Name")
            .value(name)
            .hint("As people call it: ground floor, gallery.")
            .attribute("maxlength", "120")
            .into(),
        Field::number("level", "Level")
            .value(level.to_string())
            .hint("0 is the ground floor, -1 the one below it.")
            .into(),
    ]))
}

pub(super) fn typed(submitted: &Submitted) -> Result<NewFloor, Failure> {
    let mut typed = Typed::new(submitted);
    let new = NewFloor {
        name: typed.text("name"),
        level: typed.number("level", Some(0)),
    };
    typed.finish()?;
    Ok(new)
}

/// The floors of a house, for its page.
pub(super) fn table(location: LocationId, catalogue: &Catalogue) -> Table {
    let mut table = Table::new("Floors", ["Name", "Level", "Plan"].map(Column::text)).empty(EmptyState::new(
        "No floor yet",
        "With a floor and its plan, members see where rooms and desks are.",
    ));
    for floor in catalogue.floors_of(location) {
        table.push([
            Link::new(&floor.fact.name, address(floor.fact.floor_id)).into(),
            floor.fact.level.to_string().into(),
            if floor.plan.is_some() { "yes" } else { "none yet" }.into(),
        ]);
    }
    table
}

struct Forms {
    name: Form,
    plan: Form,
}

impl Forms {
    fn of(floor: &Floor) -> Self {
        let here = address(floor.fact.floor_id);
        let submit = if floor.plan.is_some() {
            "Take this plan instead"
        } else {
            "Take this plan"
        };
        Self {
            name: form(here.clone(), "Change", Some(floor)),
            plan: Form::upload(format!("{here}/plan"), submit).with(
                Field::file("plan", "SVG file")
                    .attribute("accept", "image/svg+xml,.svg")
                    .hint("512 KiB at most. Lines, shapes and texts are kept; scripts, pictures, links and copies of other parts are left out."),
            ),
        }
    }
}

/// The floor's page.
pub(super) async fn detail(desk: Desk, Path(id): Path<Uuid>) -> Result<Response, Failure> {
    let catalogue = desk.catalogue().await?;
    let floor = catalogue.floor(FloorId(id))?;
    Ok(sheet(&desk, &catalogue, floor, &Forms::of(floor))?.show())
}

fn sheet(desk: &Desk, catalogue: &Catalogue, floor: &Floor, forms: &Forms) -> Result<Sheet, Failure> {
    let id = floor.fact.floor_id;
    let place = catalogue.location(floor.fact.location_id)?;
    let mut sheet = Sheet::set_up(desk, &floor.fact.name)
        .back(&place.name, location_detail::address(place.location_id))
        .history(links::stream(id.0));
    let mut table = Table::new(
        "Rooms and desks here",
        ["Number", "Name", "From the left", "From the top"].map(Column::text),
    )
    .empty(EmptyState::new(
        "Nothing stands here yet",
        "Say on the page of a room or desk where it stands.",
    ));
    let mut plan = floor.plan.as_ref().map(|plan| {
        let label = format!("Plan of {}", floor.fact.name);
        FloorPlan::new(label, format!("{}/plan.svg", address(id)), plan.height_per_mille)
    });
    for (number, (resource, position)) in (1..).zip(catalogue.standing_on(id)) {
        let href = resource_detail::address(resource.resource_id);
        if let Some(plan) = &mut plan {
            plan.push(&resource.name, &href, (position.x_percent, position.y_percent));
        }
        table.push([
            number.to_string().into(),
            Link::new(&resource.name, href).into(),
            format!("{} %", position.x_percent).into(),
            format!("{} %", position.y_percent).into(),
        ]);
    }
    if let Some(plan) = &plan {
        sheet = sheet.part(plan);
    }
    Ok(sheet.part(&table).card("plan", "Plan", &[Html::of(&forms.plan)]).card(
        "name",
        "Name and level",
        &[Html::of(&forms.name)],
    ))
}

async fn again(
    desk: &Desk,
    id: Uuid,
    submitted: &Submitted,
    failure: Failure,
    which: fn(&mut Forms) -> &mut Form,
) -> Result<Response, Failure> {
    let failure = shown_again(failure)?;
    let catalogue = desk.catalogue().await?;
    let floor = catalogue.floor(FloorId(id))?;
    let mut forms = Forms::of(floor);
    let form = which(&mut forms);
    *form = form.clone().refused(submitted, &failure);
    Ok(sheet(desk, &catalogue, floor, &forms)?.show_with(failure.status))
}

/// Gives it another name or level.
pub(super) async fn rename(desk: Desk, Path(id): Path<Uuid>, submitted: Submitted) -> Result<Response, Failure> {
    let attempt = async {
        let new = typed(&submitted)?;
        Ok::<_, Failure>(floor::rename(&desk.house.app, &desk.caller(), FloorId(id), new).await?)
    };
    match attempt.await {
        Ok(done) => Ok(desk.done(done.position, "The floor was changed.", &address(id))),
        Err(failure) => again(&desk, id, &submitted, failure, |forms| &mut forms.name).await,
    }
}

/// Gives it a plan.
pub(super) async fn set_plan(desk: Desk, Path(id): Path<Uuid>, upload: Upload) -> Result<Response, Failure> {
    match floor::set_plan(&desk.house.app, &desk.caller(), FloorId(id), &upload.file).await {
        Ok(done) => Ok(desk.done(done.position, "Members see this plan from now on.", &address(id))),
        Err(error) => again(&desk, id, &upload.submitted, error.into(), |forms| &mut forms.plan).await,
    }
}

/// The drawing.
pub(super) async fn plan(desk: Desk, Path(id): Path<Uuid>, asked: HeaderMap) -> Result<Response, Failure> {
    let plan = floor::plan_of(&desk.house.app, desk.tenant(), FloorId(id)).await?;
    pictures::answer(plan, &asked)
}
