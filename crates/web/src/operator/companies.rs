//! Those who pay for their people.

use axum::{
    extract::{Path, Query},
    response::Response,
};
use coterie_app::{
    Done,
    company::{self, RegisterCompany},
    member::{self, page::CompanyDetail},
    page::PageRequest,
    projections,
};
use coterie_domain::{CompanyId, legal_entity::Address};
use serde::Deserialize;
use uuid::Uuid;

use super::{
    choices, company_life,
    desk::{Desk, shown_again},
    form::{Form, beside},
    sheet::{Html, Sheet},
    typed::Typed,
};
use crate::{
    audit::links,
    components::{Column, DefinitionList, EmptyState, Field, Link, Pagination, Table},
    failure::Failure,
    form::Submitted,
};

pub(super) const HERE: &str = "/operator/companies";
const NEW: &str = "/operator/companies/new";

/// Where in the list.
#[derive(Deserialize)]
pub(super) struct Asked {
    after: Option<String>,
}

/// Companies by name.
pub(super) async fn list(desk: Desk, Query(asked): Query<Asked>) -> Result<Response, Failure> {
    desk.caught_up(&[projections::PEOPLE]).await?;
    let request = PageRequest {
        limit: None,
        after: asked.after,
    };
    let page = member::page::companies(&desk.house.app, desk.tenant(), &request).await?;
    let columns = [
        Column::text("Name"),
        Column::text("Invoices go to"),
        Column::number("Members"),
    ];
    let mut table = Table::new("Companies", columns).empty(
        EmptyState::new(
            "No company here",
            "A company settles the memberships and bookings of its people.",
        )
        .action("New company", NEW),
    );
    for company in &page.items {
        table.push([
            Link::new(&company.name, format!("{HERE}/{}", company.company_id)).into(),
            company.fact.billing_email.clone().into(),
            company.members.to_string().into(),
        ]);
    }
    let pagination = Pagination {
        label: "Companies".to_owned(),
        previous: None,
        next: page.next.map(|next| format!("{HERE}?after={next}")),
    };
    Ok(Sheet::people(&desk, "Companies")
        .action("New company", NEW)
        .part(&table)
        .part(&pagination)
        .show())
}

/// One company with its people.
pub(super) async fn detail(desk: Desk, Path(id): Path<Uuid>) -> Result<Response, Failure> {
    desk.caught_up(&[projections::PEOPLE]).await?;
    let company = member::page::company(&desk.house.app, desk.tenant(), CompanyId(id))
        .await?
        .ok_or_else(Failure::not_found)?;
    Ok(sheet_of(&desk, &company, None).show())
}

/// Its page, with the form of its correction as it was typed where that was refused.
pub(super) fn sheet_of(desk: &Desk, company: &CompanyDetail, refused: Option<(&Submitted, &Failure)>) -> Sheet {
    let fact = &company.row.fact;
    let address = &fact.address;
    let lines: Vec<_> = [
        address.street.clone(),
        format!("{} {}", address.postcode, address.city).trim().to_owned(),
        address.country.clone(),
    ]
    .into_iter()
    .filter(|line| !line.is_empty())
    .collect();
    let facts = DefinitionList::new()
        .item("Invoices go to", fact.billing_email.clone())
        .item("Address", lines.join(", "))
        .item("VAT id", fact.tax_id.clone());
    let id = company.row.company_id;
    let mut sheet = Sheet::people(desk, &company.row.name)
        .back("Companies", HERE)
        .action("How it is taxed", format!("{HERE}/{id}/tax"))
        .history(links::stream(id.0))
        .card("facts", "Billing", &[Html::of(&facts)])
        .part(&company_life::people(&company.members));
    if let Some(form) = company_life::managing(id, &company.members) {
        let remark = Html::text("She sees the company's invoices, says how they are addressed, and gives its seats.");
        sheet = sheet.card("manager", "Who manages it", &[remark, Html::of(&form)]);
    }
    if let Some(form) = company_life::leaving(id, &company.members) {
        let remark = Html::text(
            "Her seats go, what she booked with them from that day on is given up at no cost, and she pays for her own membership.",
        );
        sheet = sheet.card("leave", "Leaving", &[remark, Html::of(&form)]);
    }
    let form = company_life::correction(fact);
    let form = match refused {
        Some((submitted, failure)) => form.refused(submitted, failure),
        None => form,
    };
    let remark = Html::text("Invoices that were issued keep what they say.");
    sheet.card("correct", "Correct it", &[remark, Html::of(&form)])
}

/// The empty form.
pub(super) async fn new(desk: Desk) -> Result<Response, Failure> {
    Ok(sheet(&desk, &form()).show())
}

/// Registers one.
pub(super) async fn create(desk: Desk, submitted: Submitted) -> Result<Response, Failure> {
    match attempt(&desk, &submitted).await {
        Ok(done) => {
            let next = format!("{HERE}/{}", done.outcome);
            Ok(desk.done(done.position, "The company is registered.", &next))
        }
        Err(failure) => {
            let failure = shown_again(failure)?;
            Ok(sheet(&desk, &form().refused(&submitted, &failure)).show_with(failure.status))
        }
    }
}

async fn attempt(desk: &Desk, submitted: &Submitted) -> Result<Done<CompanyId>, Failure> {
    let typed = Typed::new(submitted);
    let command = RegisterCompany {
        external_id: None,
        name: typed.text("name"),
        billing_email: typed.text("billing_email"),
        address: Address {
            street: typed.text("street").trim().to_owned(),
            postcode: typed.text("postcode").trim().to_owned(),
            city: typed.text("city").trim().to_owned(),
            country: typed.text("country"),
        },
        tax_id: typed.text("tax_id"),
    };
    Ok(company::register(&desk.house.app, &desk.caller(), command).await?)
}

fn form() -> Form {
    let [street, postcode, city, country] = choices::address_fields().map(Field::optional);
    Form::post(HERE, "Register company")
        .cancel(HERE)
        .with(Field::text("name", "Name").attribute("maxlength", "120"))
        .with(Field::email("billing_email", "Email for invoices").autocomplete("off"))
        .with(street)
        .with(beside([postcode.into(), city.into(), country.into()]))
        .with(
            Field::text("tax_id", "VAT identification number")
                .optional()
                .attribute("maxlength", "32"),
        )
}

fn sheet(desk: &Desk, form: &Form) -> Sheet {
    Sheet::people(desk, "New company").back("Companies", HERE).part(form)
}
