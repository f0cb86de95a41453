//! Who issues invoices.

use axum::response::Response;
use coterie_app::{Done, legal_entity};
use coterie_domain::{LegalEntityId, legal_entity::NewLegalEntity};

use super::{
    choices,
    desk::{Desk, shown_again},
    form::{Form, beside},
    letterhead,
    sheet::Sheet,
    typed::Typed,
};
use crate::{
    components::{Badge, Cell, Column, EmptyState, Field, Link, Table, Tone},
    failure::Failure,
    form::Submitted,
};

pub(super) const HERE: &str = "/operator/legal-entities";
const NEW: &str = "/operator/legal-entities/new";

/// The entities with what their invoices carry, and whether they can be paid.
pub(super) async fn list(desk: Desk) -> Result<Response, Failure> {
    let catalogue = desk.catalogue().await?;
    let columns = [
        "Name",
        "Country",
        "Currency",
        "Time zone",
        "Invoices",
        "Documents",
        "Stripe",
    ]
    .map(Column::text)
    .into_iter()
    .chain(desk.history_column());
    let mut table = Table::new("Legal entities", columns).empty(
        EmptyState::new(
            "No legal entity yet",
            "It issues your invoices and is paid by your members.",
        )
        .action("New legal entity", NEW),
    );
    for fact in choices::entities(&catalogue) {
        let connected = catalogue
            .legal_entities
            .get(&fact.legal_entity_id)
            .is_some_and(|entity| entity.stripe_account.is_some());
        let mut cells: Vec<Cell> = vec![
            fact.name.clone().into(),
            fact.address.country.clone().into(),
            fact.currency.code().into(),
            fact.time_zone.clone().into(),
            format!(
                "{}-000001, due in {} days",
                fact.invoice_series, fact.payment_terms_days
            )
            .into(),
            Link::new("Letterhead", letterhead::address(fact.legal_entity_id)).into(),
            stripe_badge(connected, desk.staff.tenant.sandbox).into(),
        ];
        cells.extend(desk.history_cell(fact.legal_entity_id.0));
        table.push(cells);
    }
    Ok(Sheet::set_up(&desk, "Legal entities")
        .lead("Each one issues its own invoices, in one currency and with numbers of its own.")
        .action("New legal entity", NEW)
        .part(&table)
        .show())
}

/// A sandbox is connected to the simulator by the worker, moments after its entity was created.
fn stripe_badge(connected: bool, sandbox: bool) -> Badge {
    match (connected, sandbox) {
        (true, true) => Badge::new(Tone::Good, "Simulator connected"),
        (true, false) => Badge::new(Tone::Good, "Connected"),
        (false, true) => Badge::new(Tone::Info, "Connecting"),
        (false, false) => Badge::new(Tone::Warning, "Not connected"),
    }
}

/// The empty form.
pub(super) async fn new(desk: Desk) -> Result<Response, Failure> {
    Ok(sheet(&desk, &form()).show())
}

/// Creates one.
pub(super) async fn create(desk: Desk, submitted: Submitted) -> Result<Response, Failure> {
    match attempt(&desk, &submitted).await {
        Ok(done) => Ok(desk.done(done.position, "The legal entity is set up.", HERE)),
        Err(failure) => {
            let failure = shown_again(failure)?;
            Ok(sheet(&desk, &form().refused(&submitted, &failure)).show_with(failure.status))
        }
    }
}

async fn attempt(desk: &Desk, submitted: &Submitted) -> Result<Done<LegalEntityId>, Failure> {
    let mut typed = Typed::new(submitted);
    let new = NewLegalEntity {
        name: typed.text("name"),
        street: typed.text("street"),
        postcode: typed.text("postcode"),
        city: typed.text("city"),
        country: typed.text("country"),
        tax_id: typed.text("tax_id"),
        currency: typed.text("currency"),
        time_zone: typed.text("time_zone"),
        invoice_series: typed.text("invoice_series"),
        payment_terms_days: typed.number("payment_terms_days", None),
    };
    typed.finish()?;
    Ok(legal_entity::create(&desk.house.app, &desk.caller(), new).await?)
}

fn form() -> Form {
    let [street, postcode, city, country] = choices::address_fields();
    Form::post(HERE, "Create legal entity")
        .cancel(HERE)
        .with(
            Field::text("name", "Name")
                .hint("As registered; it stands on every invoice.")
                .attribute("maxlength", "120"),
        )
        .with(street)
        .with(beside([postcode.into(), city.into(), country.into()]))
        .with(
            Field::text("tax_id", "VAT identification number")
                .optional()
                .hint("Such as DE123456788.")
                .attribute("maxlength", "32"),
        )
        .with(beside([
            choices::currency_select(&coterie_domain::catalogue::Catalogue::default())
                .hint("Its prices, invoices and books are in this currency for good.")
                .into(),
            choices::zone_field("Of its invoice dates and accounting periods, such as Europe/Berlin.").into(),
        ]))
        .with(choices::zone_suggestions())
        .with(beside([
            Field::text("invoice_series", "Invoice series")
                .hint("Begins every invoice number: BER makes BER-000001.")
                .attribute("maxlength", "12")
                .into(),
            Field::number("payment_terms_days", "Days to pay")
                .value("14")
                .hint("From the invoice's date to its due date.")
                .attribute("min", "0")
                .attribute("max", "90")
                .into(),
        ]))
}

fn sheet(desk: &Desk, form: &Form) -> Sheet {
    Sheet::set_up(desk, "New legal entity")
        .back("Legal entities", HERE)
        .part(form)
}
