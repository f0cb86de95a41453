//! Add-ons: what goes beside plans, cycle by cycle.

use axum::{extract::Path, response::Response};
use coterie_app::add_on;
use coterie_domain::{AddOnId, Refusal, add_on::NewAddOn, catalogue::Catalogue, period::CycleLength};
use uuid::Uuid;

use super::{
    choices,
    desk::{Desk, shown_again},
    form::{Form, beside},
    sheet::Sheet,
    typed::{Typed, required},
};
use crate::{
    audit::links,
    components::{Badge, Checkbox, Column, DefinitionList, EmptyState, Field, Link, Table, Tone},
    failure::Failure,
    form::Submitted,
    operator::sheet::Html,
    told,
};

pub(super) const HERE: &str = "/operator/add-ons";
const NEW: &str = "/operator/add-ons/new";

/// All add-ons by name.
pub(super) async fn list(desk: Desk) -> Result<Response, Failure> {
    let catalogue = desk.catalogue().await?;
    let columns = [
        Column::text("Name"),
        Column::text("Legal entity"),
        Column::number("Price"),
        Column::text("A"),
        Column::text("Tax category"),
        Column::text("Added by"),
        Column::text("State"),
    ];
    let mut table = Table::new("Add-ons", columns).empty(
        EmptyState::new(
            "No add-on yet",
            "An add-on goes beside a plan: a locker, or mail handling.",
        )
        .action("Define an add-on", NEW),
    );
    let mut all: Vec<_> = catalogue.add_ons.values().collect();
    all.sort_by(|a, b| (a.withdrawn, &a.fact.name).cmp(&(b.withdrawn, &b.fact.name)));
    for known in all {
        let fact = &known.fact;
        table.push([
            Link::new(&fact.name, format!("{HERE}/{}", fact.add_on_id)).into(),
            catalogue.legal_entity(fact.legal_entity_id)?.fact.name.clone().into(),
            told::price(fact.price, fact.tax_included).into(),
            fact.length.to_string().into(),
            fact.tax_category.clone().into(),
            who(fact.self_service).to_owned().into(),
            state(known.withdrawn).into(),
        ]);
    }
    Ok(Sheet::set_up(&desk, "Add-ons")
        .lead("Charged with the plan by the day; they rest and end with the membership. A price never changes: define another one.")
        .action("Define an add-on", NEW)
        .part(&table)
        .show())
}

fn who(self_service: bool) -> &'static str {
    if self_service { "members and staff" } else { "staff" }
}

fn state(withdrawn: bool) -> Badge {
    if withdrawn {
        Badge::new(Tone::Neutral, "Withdrawn")
    } else {
        Badge::new(Tone::Good, "On offer")
    }
}

/// One of them, and the way to withdraw it.
pub(super) async fn detail(desk: Desk, Path(id): Path<Uuid>) -> Result<Response, Failure> {
    let catalogue = desk.catalogue().await?;
    let known = catalogue.add_on(AddOnId(id))?;
    let fact = &known.fact;
    let facts = DefinitionList::new()
        .item("State", state(known.withdrawn))
        .item(format!("A {}", fact.length), told::price(fact.price, fact.tax_included))
        .item("Added by", who(fact.self_service));
    let sheet = Sheet::set_up(&desk, &fact.name)
        .back("Add-ons", HERE)
        .history(links::stream(id))
        .card("facts", "Add-on", &[Html::of(&facts)]);
    if known.withdrawn {
        return Ok(sheet.show());
    }
    let form = Form::post(format!("{HERE}/{id}/withdraw"), "Withdraw it").danger();
    let remark = Html::text("Nobody can add it any more. Memberships that have it keep it.");
    Ok(sheet.card("withdraw", "Withdraw", &[remark, Html::of(&form)]).show())
}

/// Takes it off the offer.
pub(super) async fn withdraw(desk: Desk, Path(id): Path<Uuid>) -> Result<Response, Failure> {
    let here = format!("{HERE}/{id}");
    let attempt = add_on::withdraw(&desk.house.app, &desk.caller(), AddOnId(id)).await;
    match attempt.map_err(Failure::from) {
        Ok(done) => Ok(desk.done(done.position, "The add-on is withdrawn.", &here)),
        // An unknown one is no wrong field, for nobody typed it: there is nothing at this address.
        Err(failure) if !failure.fields.is_empty() => Err(failure),
        Err(failure) => desk.refused(failure, &here),
    }
}

/// The empty form.
pub(super) async fn new(desk: Desk) -> Result<Response, Failure> {
    let form = form(&*desk.catalogue().await?);
    Ok(sheet(&desk, &form).show())
}

/// Defines one.
pub(super) async fn create(desk: Desk, submitted: Submitted) -> Result<Response, Failure> {
    match attempt(&desk, &submitted).await {
        Ok(position) => Ok(desk.done(position, "The add-on is defined.", HERE)),
        Err(failure) => {
            let failure = shown_again(failure)?;
            let form = form(&*desk.catalogue().await?).refused(&submitted, &failure);
            Ok(sheet(&desk, &form).show_with(failure.status))
        }
    }
}

async fn attempt(desk: &Desk, submitted: &Submitted) -> Result<i64, Failure> {
    let catalogue = desk.catalogue().await?;
    let mut typed = Typed::new(submitted);
    let entity = typed.id("legal_entity_id");
    let currency = match entity {
        Some(entity) => Some(catalogue.legal_entity(entity)?.fact.currency),
        None => None,
    };
    let price = typed.money("price", currency);
    let tax_included = typed.tax_included();
    typed.finish()?;
    let length = CycleLength::parse(submitted.get("cycle"))
        .map_err(|sentence| Refusal::field("unknown_cycle", "cycle", sentence))?;
    let new = NewAddOn {
        legal_entity_id: required(entity, "legal_entity_id")?,
        name: submitted.get("name").to_owned(),
        price: required(price, "price")?,
        tax_included,
        length,
        tax_category: submitted.get("tax_category").to_owned(),
        self_service: submitted.has("self_service"),
    };
    let done = add_on::define(&desk.house.app, &desk.caller(), &new).await?;
    Ok(done.position)
}

fn form(catalogue: &Catalogue) -> Form {
    let (category, suggestions) = choices::category_field("tax_category", catalogue);
    Form::post(HERE, "Define this add-on")
        .cancel(HERE)
        .with(choices::entity_select(catalogue))
        .with(
            Field::text("name", "Name")
                .hint("As it stands on invoices: Locker.")
                .attribute("maxlength", "120"),
        )
        .with(beside([
            Field::text("price", "Price of one for a cycle")
                .attribute("inputmode", "decimal")
                .into(),
            choices::told_select(catalogue.tells_with_tax(choices::only_entity(catalogue))).into(),
            Field::text("cycle", "The cycle")
                .value("month")
                .hint("It goes with plans that are paid by it: week, month, quarter, year or 10 days.")
                .into(),
        ]))
        .with(category)
        .with(suggestions)
        .with(Checkbox::new("self_service", "Members add and remove it themselves"))
}

fn sheet(desk: &Desk, form: &Form) -> Sheet {
    Sheet::set_up(desk, "Define an add-on").back("Add-ons", HERE).part(form)
}
