use super::*;
use crate::testing::{ADA, date, given, id, when};

fn acme(country: &str) -> Result<CompanyRegistered, Refusal> {
    let address = Address {
        country: country.to_owned(),
        ..Address::default()
    };
    register(
        CompanyId(id(1)),
        "Acme GmbH",
        "Bills@Acme.example",
        address,
        " de 136695976 ",
    )
}

#[test]
fn a_company_is_registered_with_what_its_invoices_need() {
    let company = acme("de").unwrap();
    assert_eq!(
        (company.billing_email.as_str(), company.tax_id.as_str()),
        ("bills@acme.example", "DE136695976")
    );
    assert_eq!(company.address.country, "DE", "as it is printed");
    assert_eq!(acme(" ").unwrap().billing_email, "bills@acme.example");
    when(acme("Germany")).then_faults(&["country"]);
    let mistyped = register(
        CompanyId(id(1)),
        "Acme",
        "a@b.example",
        Address::default(),
        "DE136695967",
    );
    when(mistyped).then_faults(&["tax_id"]);
    when(register(CompanyId(id(1)), "", "", Address::default(), "")).then_faults(&["name", "billing_email"]);
}

fn with_ada() -> Vec<CompanyEvent> {
    let company = vec![CompanyEvent::from(acme("DE").unwrap())];
    let joined = given(Company::evolve, company.clone())
        .when(|company| join(company, ADA, date("2026-01-20")))
        .decided();
    company.into_iter().chain([joined.into()]).collect()
}

#[test]
fn a_member_joins_once() {
    given(Company::evolve, with_ada())
        .when(|company| join(company, ADA, date("2026-02-01")))
        .then_refused("already_in_company");
}

#[test]
fn a_member_belongs_from_a_day_until_a_day_and_may_come_back() {
    let today = date("2026-02-01");
    let left = given(Company::evolve, with_ada())
        .when(|company| leave(company, ADA, date("2026-02-10"), today))
        .decided();
    let events: Vec<CompanyEvent> = with_ada().into_iter().chain([left.into()]).collect();
    let company = given(Company::evolve, events).state();
    for (day, belongs) in [
        ("2026-01-19", false),
        ("2026-01-20", true),
        ("2026-02-09", true),
        ("2026-02-10", false),
    ] {
        assert_eq!(company.member_on(ADA, date(day)).is_some(), belongs, "{day}");
    }
    when(join(&company, ADA, date("2026-02-09"))).then_refused("already_in_company");
    when(join(&company, ADA, date("2026-02-10"))).decided();
    when(leave(&company, ADA, date("2026-01-31"), today)).then_refused("day_is_over");
    when(leave(&company, ADA, date("2026-03-01"), date("2026-02-10"))).then_refused("not_of_the_company");
}

#[test]
fn one_of_its_members_manages_it_until_she_is_dismissed_or_leaves() {
    let today = date("2026-02-01");
    let company = given(Company::evolve, with_ada()).state();
    let named = set_manager(&company, ADA, true, today).unwrap().unwrap();
    let company = Company::evolve(Some(company), named).unwrap();
    assert!(company.member_on(ADA, today).unwrap().manager);
    assert_eq!(set_manager(&company, ADA, true, today).unwrap(), None);
    let dismissed = set_manager(&company, ADA, false, today).unwrap().unwrap();
    assert!(!Company::evolve(Some(company.clone()), dismissed).unwrap().members[0].manager);
    let left = leave(&company, ADA, today, today).unwrap();
    let company = Company::evolve(Some(company), left.into()).unwrap();
    assert_eq!(company.member_on(ADA, today), None);
    when(set_manager(&company, ADA, true, today)).then_refused("not_of_the_company");
}

#[test]
fn what_was_wrong_of_a_company_is_corrected() {
    let company = given(Company::evolve, with_ada()).state();
    let same = correct(
        &company,
        "Acme GmbH",
        "bills@acme.example",
        company.fact.address.clone(),
        "DE136695976",
    );
    assert_eq!(same.unwrap(), None);
    let right = correct(
        &company,
        "Acme AG",
        "bills@acme.example",
        Address::default(),
        "DE123456788",
    )
    .unwrap()
    .unwrap();
    let company = Company::evolve(Some(company), right.into()).unwrap();
    assert_eq!(
        (company.fact.name.as_str(), company.fact.tax_id.as_str()),
        ("Acme AG", "DE123456788")
    );
    assert_eq!(company.members.len(), 1);
    when(correct(&company, "", "no address", Address::default(), "")).then_faults(&["name", "billing_email"]);
}
