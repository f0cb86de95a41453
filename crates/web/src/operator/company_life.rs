//! The life of a company: what is corrected of it, who leaves it, and who manages it.

use axum::{extract::Path, response::Response};
use coterie_app::{
    company::{self, RegisterCompany},
    member::page::{self as member_page, MemberRow},
};
use coterie_domain::{CompanyId, MemberId, company::CompanyRegistered, legal_entity::Address};
use uuid::Uuid;

use super::{
    choices,
    companies::{HERE, sheet_of},
    desk::{Desk, shown_again},
    form::{Form, beside},
    membership::sharing::given_up,
    times,
    typed::{Typed, required},
};
use crate::{
    components::{Choice, Column, EmptyState, Field, Link, Select, Table},
    failure::Failure,
    form::Submitted,
};

pub(super) fn address(id: impl std::fmt::Display) -> String {
    format!("{HERE}/{id}")
}

/// Its people, those who left among them.
pub(super) fn people(members: &[MemberRow]) -> Table {
    let columns = ["Name", "Email", "From", "Until before", "Manages it"].map(Column::text);
    let mut table = Table::new("Members", columns).empty(EmptyState::new(
        "No members yet",
        "Put a member into this company on her own page. What she already subscribed to stays hers.",
    ));
    for member in members {
        table.push([
            Link::new(&member.name, super::member_detail::address(member.member_id)).into(),
            member.email.clone().into(),
            member.company_from.map_or_else(String::new, times::day).into(),
            member.company_until.map_or_else(String::new, times::day).into(),
            if member.company_manager { "yes" } else { "" }.into(),
        ]);
    }
    table
}

/// Name, address and tax id, as they are.
pub(super) fn correction(fact: &CompanyRegistered) -> Form {
    let here = &fact.address;
    let values = [&here.street, &here.postcode, &here.city, &here.country];
    let mut values = values.into_iter();
    let [street, postcode, city, country] = choices::address_fields().map(|field| {
        let value = values.next().cloned().unwrap_or_default();
        field.optional().value(value)
    });
    Form::post(address(fact.company_id), "Correct it")
        .with(
            Field::text("name", "Name")
                .value(&fact.name)
                .attribute("maxlength", "120"),
        )
        .with(
            Field::email("billing_email", "Email for invoices")
                .value(&fact.billing_email)
                .autocomplete("off"),
        )
        .with(street)
        .with(beside([postcode.into(), city.into(), country.into()]))
        .with(
            Field::text("tax_id", "VAT identification number")
                .value(&fact.tax_id)
                .optional()
                .attribute("maxlength", "32"),
        )
}

fn still_there(members: &[MemberRow]) -> Vec<Choice> {
    let there = members.iter().filter(|one| one.company_until.is_none());
    there
        .map(|one| Choice::new(one.member_id.to_string(), &one.name))
        .collect()
}

/// Lets one of them leave; none where there is nobody.
pub(super) fn leaving(id: CompanyId, members: &[MemberRow]) -> Option<Form> {
    let there = still_there(members);
    if there.is_empty() {
        return None;
    }
    let form = Form::post(format!("{}/leave", address(id)), "Let her leave").danger();
    Some(
        form.with(beside([
            Select::new("leaver", "Who", there).into(),
            Field::date("leaves_on", "First day without her")
                .optional()
                .hint("Left empty: today.")
                .into(),
        ])),
    )
}

/// Lets one of them manage it, or not any more; none where there is nobody.
pub(super) fn managing(id: CompanyId, members: &[MemberRow]) -> Option<Form> {
    let there = still_there(members);
    if there.is_empty() {
        return None;
    }
    let what = [("yes", "manages it"), ("no", "does not manage it")].map(|(value, label)| Choice::new(value, label));
    let form = Form::post(format!("{}/managers", address(id)), "Save");
    Some(form.with(beside([
        Select::new("manager", "Who", there).into(),
        Select::new("manages", "What", what).value("yes").into(),
    ])))
}

/// Corrects it.
pub(super) async fn correct(desk: Desk, Path(id): Path<Uuid>, submitted: Submitted) -> Result<Response, Failure> {
    let typed = Typed::new(&submitted);
    let right = RegisterCompany {
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
    match company::correct(&desk.house.app, &desk.caller(), CompanyId(id), right).await {
        Ok(done) => {
            let sentence = "Corrected. Invoices that were issued keep what they say.";
            Ok(desk.done(done.position, sentence, &address(id)))
        }
        Err(error) => {
            let failure = shown_again(error.into())?;
            let company = member_page::company(&desk.house.app, desk.tenant(), CompanyId(id))
                .await?
                .ok_or_else(Failure::not_found)?;
            let sheet = sheet_of(&desk, &company, Some((&submitted, &failure)));
            Ok(sheet.show_with(failure.status))
        }
    }
}

/// Lets somebody leave it.
pub(super) async fn leave(desk: Desk, Path(id): Path<Uuid>, submitted: Submitted) -> Result<Response, Failure> {
    let attempt = async {
        let mut typed = Typed::new(&submitted);
        let member: Option<MemberId> = typed.id("leaver");
        let from = (!submitted.get("leaves_on").trim().is_empty())
            .then(|| typed.date("leaves_on"))
            .flatten();
        typed.finish()?;
        let member = required(member, "leaver")?;
        let done = company::remove_member(&desk.house.app, &desk.caller(), CompanyId(id), member, from).await?;
        let left = &done.outcome;
        let mut what = format!("She belongs to it until before {}.", times::day(left.from));
        if !left.pays_herself.is_empty() {
            what.push_str(" From then on she pays for her membership herself.");
        }
        Ok::<_, Failure>((done.position, given_up(&what, &left.given_up)?))
    };
    match attempt.await {
        Ok((position, sentence)) => Ok(desk.done(position, sentence, &address(id))),
        Err(failure) => desk.refused(failure, &address(id)),
    }
}

/// Names a manager, or dismisses one.
pub(super) async fn manager(desk: Desk, Path(id): Path<Uuid>, submitted: Submitted) -> Result<Response, Failure> {
    let attempt = async {
        let mut typed = Typed::new(&submitted);
        let member: Option<MemberId> = typed.id("manager");
        typed.finish()?;
        let member = required(member, "manager")?;
        let manages = submitted.get("manages") != "no";
        Ok::<_, Failure>(company::set_manager(&desk.house.app, &desk.caller(), CompanyId(id), member, manages).await?)
    };
    match attempt.await {
        Ok(done) => Ok(desk.done(done.position, "Saved.", &address(id))),
        Err(failure) => desk.refused(failure, &address(id)),
    }
}
