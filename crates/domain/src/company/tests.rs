use super::*;
use crate::testing::{ADA, given, id, when};

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

#[test]
fn a_member_joins_once() {
    let company = || vec![CompanyEvent::from(acme("DE").unwrap())];
    let joined = given(Company::evolve, company())
        .when(|company| join(company, ADA))
        .decided();
    given(Company::evolve, company().into_iter().chain([joined.into()]))
        .when(|company| join(company, ADA))
        .then_refused("already_in_company");
}
