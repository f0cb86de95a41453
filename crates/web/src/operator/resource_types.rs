//! What rooms and desks are priced and taxed as.

use axum::response::Response;
use coterie_app::{Done, resource};
use coterie_domain::{ResourceTypeId, catalogue::Catalogue};

use super::{
    choices,
    desk::{Desk, shown_again},
    form::Form,
    sheet::Sheet,
    typed::Typed,
};
use crate::{
    components::{Cell, Column, EmptyState, Field, Link, Table},
    failure::Failure,
    form::Submitted,
};

pub(super) const HERE: &str = "/operator/resource-types";
const NEW: &str = "/operator/resource-types/new";

/// The types with the number of rooms and prices they have.
pub(super) async fn list(desk: Desk) -> Result<Response, Failure> {
    let catalogue = desk.catalogue().await?;
    let mut columns = vec![
        Column::text("Name"),
        Column::text("Tax category"),
        Column::number("Rooms and desks"),
        Column::number("Prices"),
        Column::text("Next"),
    ];
    columns.extend(desk.history_column());
    let mut table = Table::new("Types", columns).empty(
        EmptyState::new(
            "No type yet",
            "A type is what is priced alike: meeting rooms, desks, phone booths.",
        )
        .action("New type", NEW),
    );
    for kind in choices::types(&catalogue) {
        let id = kind.resource_type_id;
        let rooms = catalogue
            .resources
            .values()
            .filter(|room| room.resource_type_id == id)
            .count();
        let prices = catalogue
            .price_rules
            .values()
            .filter(|rule| rule.resource_type_id == id)
            .count();
        let mut cells: Vec<Cell> = vec![
            kind.name.clone().into(),
            kind.tax_category.clone().into(),
            rooms.to_string().into(),
            prices.to_string().into(),
            Link::new("Set a price", format!("/operator/prices/new?type={id}")).into(),
        ];
        cells.extend(desk.history_cell(id.0));
        table.push(cells);
    }
    Ok(Sheet::set_up(&desk, "Types")
        .lead("Rooms and desks of one type cost the same and share allowances.")
        .action("New type", NEW)
        .part(&table)
        .show())
}

/// The empty form.
pub(super) async fn new(desk: Desk) -> Result<Response, Failure> {
    let catalogue = desk.catalogue().await?;
    Ok(sheet(&desk, &form(&catalogue)).show())
}

/// Creates one.
pub(super) async fn create(desk: Desk, submitted: Submitted) -> Result<Response, Failure> {
    match attempt(&desk, &submitted).await {
        Ok(done) => Ok(desk.done(done.position, "The type is created. Now it wants a price.", HERE)),
        Err(failure) => {
            let failure = shown_again(failure)?;
            let form = form(&*desk.catalogue().await?).refused(&submitted, &failure);
            Ok(sheet(&desk, &form).show_with(failure.status))
        }
    }
}

async fn attempt(desk: &Desk, submitted: &Submitted) -> Result<Done<ResourceTypeId>, Failure> {
    let typed = Typed::new(submitted);
    let (name, category) = (typed.text("name"), typed.text("tax_category"));
    Ok(resource::create_type(&desk.house.app, &desk.caller(), &name, &category).await?)
}

fn form(catalogue: &Catalogue) -> Form {
    let (category, suggestions) = choices::category_field("tax_category", catalogue);
    Form::post(HERE, "Create type")
        .cancel(HERE)
        .with(
            Field::text("name", "Name")
                .hint("Such as Meeting room.")
                .attribute("maxlength", "120"),
        )
        .with(category)
        .with(suggestions)
}

fn sheet(desk: &Desk, form: &Form) -> Sheet {
    Sheet::set_up(desk, "New type").back("Types", HERE).part(form)
}
