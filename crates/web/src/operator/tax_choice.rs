//! How a member or a company is taxed: chosen by staff, from a day on, with each legal entity. Nothing of it is found out by the house.

use axum::{extract::Path, response::Response};
use coterie_app::{
    Done,
    billing::{self, ChooseTax},
    member, projections,
};
use coterie_domain::{
    CompanyId, MemberId, Payer,
    billing::{Billing, NewTaxChoice},
    catalogue::Catalogue,
};
use jiff::civil::Date;
use uuid::Uuid;

use super::{
    choices, companies,
    desk::{Desk, shown_again},
    form::{Form, beside},
    member_detail,
    sheet::Sheet,
    times,
    typed::{Typed, required},
};
use crate::{
    audit::links,
    components::{Choice, Column, EmptyState, Field, Select, Table},
    failure::Failure,
    form::Submitted,
};

/// Of a member.
pub(super) async fn of_member(desk: Desk, Path(id): Path<Uuid>) -> Result<Response, Failure> {
    Ok(sheet(&desk, Payer::Member(MemberId(id)), None).await?.show())
}

/// Of a company.
pub(super) async fn of_company(desk: Desk, Path(id): Path<Uuid>) -> Result<Response, Failure> {
    Ok(sheet(&desk, Payer::Company(CompanyId(id)), None).await?.show())
}

pub(super) async fn choose_for_member(
    desk: Desk,
    Path(id): Path<Uuid>,
    submitted: Submitted,
) -> Result<Response, Failure> {
    choose(desk, Payer::Member(MemberId(id)), &submitted).await
}

pub(super) async fn choose_for_company(
    desk: Desk,
    Path(id): Path<Uuid>,
    submitted: Submitted,
) -> Result<Response, Failure> {
    choose(desk, Payer::Company(CompanyId(id)), &submitted).await
}

/// Her page, and that of her tax below it.
fn addresses(payer: Payer) -> (String, String) {
    let of = match payer {
        Payer::Member(id) => member_detail::address(id),
        Payer::Company(id) => format!("{}/{id}", companies::HERE),
    };
    let tax = format!("{of}/tax");
    (of, tax)
}

async fn sheet(desk: &Desk, payer: Payer, refused: Option<(&Submitted, &Failure)>) -> Result<Sheet, Failure> {
    desk.caught_up(&[projections::PEOPLE]).await?;
    let name = match payer {
        Payer::Member(id) => member_detail::find(desk, id.0).await?.name,
        Payer::Company(id) => {
            let found = member::page::company(&desk.house.app, desk.tenant(), id).await?;
            found.ok_or_else(Failure::not_found)?.row.name
        }
    };
    let known = billing::find(&desk.house.app, desk.tenant(), payer).await?;
    let catalogue = desk.catalogue().await?;
    let form = form(payer, &catalogue);
    let form = match refused {
        Some((submitted, failure)) => form.refused(submitted, failure),
        None => form,
    };
    let (of, _) = addresses(payer);
    Ok(Sheet::people(desk, "How invoices are taxed")
        .back(&name, of)
        .lead("Tax is charged at the rates of the categories, unless you choose something else here. Invoices that were issued stay as they are.")
        .history(links::stream(coterie_domain::billing::stream(payer)))
        .part(&table(&known, &catalogue))
        .part(&form))
}

/// In words.
fn treatment(name: &str) -> &'static str {
    match name {
        "reverse_charge" => "Reverse charge",
        "exempt" => "Exempt",
        _ => "At the usual rates",
    }
}

fn table(known: &Billing, catalogue: &Catalogue) -> Table {
    let columns = [
        Column::text("By"),
        Column::text("Supplied from"),
        Column::text("Taxed"),
        Column::text("Provision"),
    ];
    let mut table = Table::new("What was chosen", columns).empty(EmptyState::new(
        "Nothing was chosen",
        "Tax is charged at the rates of the categories.",
    ));
    for said in known.tax.values().flat_map(|all| &all.0) {
        let entity = catalogue.legal_entity(said.legal_entity_id);
        let why = said.choice.exemption();
        let provision = why.map(|why| format!("{} {}", why.reason, why.code).trim().to_owned());
        table.push([
            entity.map(|entity| entity.fact.name.clone()).unwrap_or_default().into(),
            times::day(said.from).into(),
            treatment(said.choice.name()).to_owned().into(),
            provision.unwrap_or_default().into(),
        ]);
    }
    table
}

fn form(payer: Payer, catalogue: &Catalogue) -> Form {
    let (of, tax) = addresses(payer);
    let treatments = ["standard", "reverse_charge", "exempt"].map(|name| Choice::new(name, treatment(name)));
    Form::post(tax, "Choose it")
        .cancel(of)
        .with(choices::entity_select(catalogue))
        .with(
            Select::new("treatment", "Taxed", treatments)
                .hint("Reverse charge needs the VAT ids of both. It is never chosen by itself."),
        )
        .with(beside([
            Field::text("reason", "Provision")
                .optional()
                .hint("It stands on every document, such as \u{201c}Section 13b UStG\u{201d}. An exemption needs one, and so does reverse charge within a country. Name nobody.")
                .attribute("maxlength", "200")
                .into(),
            Field::text("code", "Code of the list VATEX")
                .optional()
                .hint("For an exemption, such as VATEX-EU-132.")
                .attribute("maxlength", "40")
                .into(),
        ]))
        .with(
            Field::date("from", "Supplied from")
                .optional()
                .hint("The first day of supply that it counts for. Left empty, it is today."),
        )
}

async fn choose(desk: Desk, payer: Payer, submitted: &Submitted) -> Result<Response, Failure> {
    match attempt(&desk, payer, submitted).await {
        Ok(done) => Ok(desk.done(done.position, "It is chosen.", &addresses(payer).1)),
        Err(failure) => {
            let failure = shown_again(failure)?;
            let sheet = sheet(&desk, payer, Some((submitted, &failure))).await?;
            Ok(sheet.show_with(failure.status))
        }
    }
}

async fn attempt(desk: &Desk, payer: Payer, submitted: &Submitted) -> Result<Done<()>, Failure> {
    let mut typed = Typed::new(submitted);
    let entity = typed.id("legal_entity_id");
    let from: Option<Date> = match submitted.get("from").trim() {
        "" => None,
        _ => typed.date("from"),
    };
    typed.finish()?;
    let command = ChooseTax {
        payer,
        legal_entity_id: required(entity, "legal_entity_id")?,
        new: NewTaxChoice {
            treatment: submitted.get("treatment").to_owned(),
            reason: submitted.get("reason").to_owned(),
            code: submitted.get("code").to_owned(),
        },
        from,
    };
    Ok(billing::choose_tax(&desk.house.app, &desk.caller(), &command).await?)
}
