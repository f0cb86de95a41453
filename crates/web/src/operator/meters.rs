//! Meters: what is counted and charged by the piece.

use axum::response::Response;
use coterie_app::meter;
use coterie_domain::{catalogue::Catalogue, meter::NewMeter};

use super::{
    choices,
    desk::{Desk, shown_again},
    form::{Form, beside},
    sheet::Sheet,
    typed::{Typed, required},
};
use crate::{
    components::{Column, EmptyState, Field, Table},
    failure::Failure,
    form::Submitted,
};

pub(super) const HERE: &str = "/operator/meters";
const NEW: &str = "/operator/meters/new";

/// All meters by name.
pub(super) async fn list(desk: Desk) -> Result<Response, Failure> {
    let catalogue = desk.catalogue().await?;
    let mut columns = vec![
        Column::text("Name"),
        Column::text("Legal entity"),
        Column::number("Price of one, net"),
        Column::text("Tax category"),
    ];
    columns.extend(desk.history_column());
    let mut table = Table::new("Meters", columns).empty(
        EmptyState::new(
            "No meter yet",
            "A meter is something that is counted, such as pages printed.",
        )
        .action("Define a meter", NEW),
    );
    let mut meters: Vec<_> = catalogue.meters.values().collect();
    meters.sort_by(|a, b| a.name.cmp(&b.name));
    for meter in meters {
        let mut cells = vec![
            meter.name.clone().into(),
            catalogue.legal_entity(meter.legal_entity_id)?.fact.name.clone().into(),
            format!("{} {} a {}", meter.currency, meter.price, meter.unit).into(),
            meter.tax_category.clone().into(),
        ];
        cells.extend(desk.history_cell(meter.meter_id.0));
        table.push(cells);
    }
    Ok(Sheet::set_up(&desk, "Meters")
        .lead("What meters count is charged on the billing day: added up, priced, and rounded once.")
        .action("Define a meter", NEW)
        .part(&table)
        .show())
}

/// The empty form.
pub(super) async fn new(desk: Desk) -> Result<Response, Failure> {
    let form = form(&*desk.catalogue().await?);
    Ok(sheet(&desk, &form).show())
}

/// Defines one.
pub(super) async fn create(desk: Desk, submitted: Submitted) -> Result<Response, Failure> {
    let attempt = async {
        let mut typed = Typed::new(&submitted);
        let entity = typed.id("legal_entity_id");
        let new = |legal_entity_id| NewMeter {
            legal_entity_id,
            name: submitted.get("name").to_owned(),
            unit: submitted.get("unit").to_owned(),
            price: submitted.get("price").to_owned(),
            tax_category: submitted.get("tax_category").to_owned(),
        };
        typed.finish()?;
        let new = new(required(entity, "legal_entity_id")?);
        Ok::<_, Failure>(meter::define(&desk.house.app, &desk.caller(), &new).await?)
    };
    match attempt.await {
        Ok(done) => Ok(desk.done(done.position, "The meter is defined.", HERE)),
        Err(failure) => {
            let failure = shown_again(failure)?;
            let form = form(&*desk.catalogue().await?).refused(&submitted, &failure);
            Ok(sheet(&desk, &form).show_with(failure.status))
        }
    }
}

fn form(catalogue: &Catalogue) -> Form {
    let (category, suggestions) = choices::category_field("tax_category", catalogue);
    Form::post(HERE, "Define meter")
        .cancel(HERE)
        .with(choices::entity_select(catalogue))
        .with(
            Field::text("name", "Name")
                .hint("As it stands on invoices: Pages printed.")
                .attribute("maxlength", "120"),
        )
        .with(beside([
            Field::text("unit", "Unit")
                .hint("Such as page.")
                .attribute("maxlength", "120")
                .into(),
            Field::text("price", "Price of one, net")
                .hint("Such as 0.035. It may be below a cent.")
                .attribute("inputmode", "decimal")
                .into(),
        ]))
        .with(category)
        .with(suggestions)
}

fn sheet(desk: &Desk, form: &Form) -> Sheet {
    Sheet::set_up(desk, "Define a meter").back("Meters", HERE).part(form)
}
