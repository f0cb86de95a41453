use super::{cells::Cells, table::Layout};
use crate::company::RegisterCompany;
use coterie_domain::{CompanyId, company, legal_entity::Address};
use uuid::Uuid;

pub(super) const LAYOUT: Layout = Layout {
    file: "companies.csv",
    required: &["external_id", "name", "billing_email"],
    // The card is for whoever plays the company in a sandbox: a real one is saved on a hosted page, never in a file.
    optional: &["street", "postcode", "city", "country", "tax_id", "card"],
};

/// What the row asks for, if it is without faults.
pub(super) fn command(cells: &mut Cells<'_>) -> Option<RegisterCompany> {
    let address = Address {
        street: cells.owned("street"),
        postcode: cells.owned("postcode"),
        city: cells.owned("city"),
        country: cells.owned("country"),
    };
    let (name, email, tax_id) = (cells.text("name"), cells.text("billing_email"), cells.text("tax_id"));
    if let Err(refusal) = company::register(CompanyId(Uuid::nil()), name, email, address.clone(), tax_id) {
        cells.refuse(&refusal);
    }
    cells.is_fine().then(|| RegisterCompany {
        external_id: Some(cells.owned("external_id")),
        name: name.to_owned(),
        billing_email: email.to_owned(),
        address,
        tax_id: tax_id.to_owned(),
    })
}
