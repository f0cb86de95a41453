//! What staff charge a member beside her plan, and take back while it is on no invoice.

use axum::{extract::Path, response::Response};
use coterie_app::{
    Operation,
    charge::{self, page},
    projections,
};
use coterie_domain::{
    ChargeId, MemberId,
    catalogue::Catalogue,
    charge::{ChargeKind, NewOneOff},
};
use jiff::civil::Date;
use uuid::Uuid;

use super::{
    choices,
    desk::{Desk, shown_again},
    form::{Form, beside},
    member_detail::{address, find},
    sheet::{Html, Sheet},
    times,
    typed::{Typed, required},
};
use crate::{
    components::{Column, DefinitionList, EmptyState, Field, Link, Money, Table},
    failure::Failure,
    finance::words,
    form::Submitted,
};

/// What she is charged and not yet invoiced for.
pub(super) async fn table(desk: &Desk, member: MemberId) -> Result<Table, Failure> {
    let columns = [
        Column::text("What"),
        Column::text("Days"),
        Column::number("Net"),
        Column::text("Billed from"),
        Column::text("Change"),
    ];
    let mut table = Table::new("Charged and not invoiced yet", columns).empty(EmptyState::new(
        "Nothing waits",
        "What is used and what you charge her waits here for her next invoice.",
    ));
    for row in page::open(&desk.house.app, desk.tenant(), Some(member)).await? {
        let fact = row.charge;
        let change = if matches!(fact.kind, ChargeKind::OneOff | ChargeKind::CreditPack) {
            Link::new("Take back", void_address(fact.charge_id.0)).into()
        } else {
            String::new().into()
        };
        table.push([
            fact.description.clone().into(),
            words::service(fact.service_from, fact.service_to).into(),
            Money::new(fact.net.minor, fact.net.currency.code()).into(),
            times::day(fact.billable_on).into(),
            change,
        ]);
    }
    Ok(table)
}

fn void_address(id: Uuid) -> String {
    format!("/operator/charges/{id}/void")
}

fn form(id: Uuid, catalogue: &Catalogue, today: Date) -> Form {
    let (category, suggestions) = choices::category_field("tax_category", catalogue);
    Form::post(format!("{}/charges", address(id)), "Charge it")
        .cancel(address(id))
        .with(choices::location_select(catalogue))
        .with(Field::text("description", "What for").attribute("maxlength", "120"))
        .with(beside([
            Field::text("quantity", "Quantity")
                .value("1")
                .hint("Such as 2 or 1.5.")
                .attribute("inputmode", "decimal")
                .into(),
            Field::text("unit", "Unit")
                .value("piece")
                .attribute("maxlength", "120")
                .into(),
        ]))
        .with(beside([
            Field::text("unit_price", "Price of one")
                .hint("Such as 25.00, in the currency of the location's company.")
                .attribute("inputmode", "decimal")
                .into(),
            choices::told_select(catalogue.tells_with_tax(choices::only_entity(catalogue))).into(),
        ]))
        .with(category)
        .with(suggestions)
        .with(beside([
            Field::date("first_day", "First day").value(today.to_string()).into(),
            Field::date("last_day", "Last day")
                .optional()
                .hint("Left empty, it is the first.")
                .into(),
        ]))
        .with(
            Field::date("billable_on", "Billed from")
                .optional()
                .hint("The first invoice of this day or later takes it. Left empty, it is the last day."),
        )
}

async fn sheet(desk: &Desk, id: Uuid, refused: Option<(&Submitted, &Failure)>) -> Result<Sheet, Failure> {
    desk.caught_up(&[projections::PEOPLE]).await?;
    let member = find(desk, id).await?;
    let catalogue = desk.catalogue().await?;
    let now = desk.now().await?;
    let zone = match choices::locations(&catalogue).first() {
        Some(place) => catalogue.zone_of(place.location_id)?,
        None => jiff::tz::TimeZone::UTC,
    };
    let form = form(id, &catalogue, now.to_zoned(zone).date());
    let form = match refused {
        Some((submitted, failure)) => form.refused(submitted, failure),
        None => form,
    };
    Ok(Sheet::people(desk, "Charge her for something")
        .back(&member.name, address(id))
        .lead("It stands on the next invoice of her membership, net and with its tax.")
        .part(&form))
}

/// The empty form.
pub(super) async fn new(desk: Desk, Path(id): Path<Uuid>) -> Result<Response, Failure> {
    Ok(sheet(&desk, id, None).await?.show())
}

/// Charges it.
pub(super) async fn create(desk: Desk, Path(id): Path<Uuid>, submitted: Submitted) -> Result<Response, Failure> {
    desk.caught_up(&[projections::PEOPLE]).await?;
    find(&desk, id).await?;
    match attempt(&desk, id, &submitted).await {
        Ok(position) => Ok(desk.done(position, "It is charged.", &address(id))),
        Err(failure) => {
            let failure = shown_again(failure)?;
            let sheet = sheet(&desk, id, Some((&submitted, &failure))).await?;
            Ok(sheet.show_with(failure.status))
        }
    }
}

async fn attempt(desk: &Desk, id: Uuid, submitted: &Submitted) -> Result<i64, Failure> {
    let catalogue = desk.catalogue().await?;
    let mut typed = Typed::new(submitted);
    let location = typed.id("location_id");
    let currency = match location {
        Some(location) => {
            let entity = catalogue.location(location)?.legal_entity_id;
            Some(catalogue.legal_entity(entity)?.fact.currency)
        }
        None => None,
    };
    let unit_price = typed.money("unit_price", currency);
    let tax_included = typed.tax_included();
    let first_day = typed.date("first_day");
    let mut maybe = |name: &str| {
        let empty = submitted.get(name).trim().is_empty();
        if empty { None } else { typed.date(name) }
    };
    let (last_day, billable_on) = (maybe("last_day"), maybe("billable_on"));
    let (description, quantity) = (typed.text("description"), typed.text("quantity"));
    let (unit, tax_category) = (typed.text("unit"), typed.text("tax_category"));
    typed.finish()?;
    let new = NewOneOff {
        location_id: required(location, "location_id")?,
        description,
        quantity,
        unit,
        unit_price: required(unit_price, "unit_price")?,
        tax_included,
        tax_category,
        first_day: required(first_day, "first_day")?,
        last_day,
        billable_on,
    };
    Ok(charge::one_off(&desk.house.app, &desk.caller(), MemberId(id), &new)
        .await?
        .position)
}

async fn void_sheet(
    desk: &Desk,
    id: Uuid,
    refused: Option<(&Submitted, &Failure)>,
) -> Result<(Sheet, MemberId), Failure> {
    let mut op = Operation::open(&desk.house.app, &desk.caller()).await?;
    let (known, _) = charge::load(&mut op, ChargeId(id)).await?;
    drop(op);
    let fact = &known.fact;
    let mut facts = DefinitionList::new()
        .item("What", fact.description.clone())
        .item("Days", words::service(fact.service_from, fact.service_to))
        .item("Net", Money::new(fact.net.minor, fact.net.currency.code()));
    for because in &fact.because {
        facts = facts.item("Because", because.text.clone());
    }
    let form = Form::post(void_address(id), "Take it back")
        .danger()
        .cancel(address(fact.member_id))
        .with(Field::text("reason", "Why").attribute("maxlength", "120"));
    let form = match refused {
        Some((submitted, failure)) => form.refused(submitted, failure),
        None => form,
    };
    let sheet = Sheet::people(desk, "Take a charge back")
        .back("The member", address(fact.member_id))
        .history(crate::audit::links::stream(id))
        .card("facts", "Charge", &[Html::of(&facts)]);
    let sheet = match &known.voided {
        Some(reason) => sheet.card("void", "Taken back", &[Html::text(reason)]),
        None => sheet.card("void", "Take it back", &[Html::of(&form)]),
    };
    Ok((sheet, fact.member_id))
}

/// Asks why.
pub(super) async fn ask_void(desk: Desk, Path(id): Path<Uuid>) -> Result<Response, Failure> {
    Ok(void_sheet(&desk, id, None).await?.0.show())
}

/// Takes it back.
pub(super) async fn void(desk: Desk, Path(id): Path<Uuid>, submitted: Submitted) -> Result<Response, Failure> {
    let reason = submitted.get("reason");
    match charge::void(&desk.house.app, &desk.caller(), ChargeId(id), reason).await {
        Ok(done) => {
            let (_, member) = void_sheet(&desk, id, None).await?;
            Ok(desk.done(done.position, "The charge is taken back.", &address(member)))
        }
        Err(error) => {
            let failure = shown_again(error.into())?;
            let (sheet, _) = void_sheet(&desk, id, Some((&submitted, &failure))).await?;
            Ok(sheet.show_with(failure.status))
        }
    }
}
