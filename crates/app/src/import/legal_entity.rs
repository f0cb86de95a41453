use super::{
    cells::Cells,
    command::{Command, Step},
    scope::Scope,
    table::Layout,
};
use coterie_domain::legal_entity::NewLegalEntity;

pub(super) const LAYOUT: Layout = Layout {
    file: "legal_entities.csv",
    required: &[
        "name",
        "street",
        "city",
        "country",
        "currency",
        "time_zone",
        "invoice_series",
    ],
    optional: &["postcode", "tax_id", "payment_terms_days"],
};

pub(super) fn step(cells: &mut Cells<'_>, scope: &Scope<'_>) -> Option<Step> {
    let name = cells.text("name");
    let mut entities = scope.catalogue.legal_entities.values();
    if let Some(known) = entities.find(|entity| entity.fact.name == name) {
        let fact = &known.fact;
        cells.must_be("country", &fact.address.country);
        cells.must_be("currency", fact.currency.code());
        cells.must_be("time_zone", &fact.time_zone);
        cells.must_be("invoice_series", &fact.invoice_series);
        return Some(Step::Unchanged);
    }
    let payment_terms_days = cells.read_or("payment_terms_days", "a number of days such as 14", 0)?;
    Some(Step::Create(Box::new(Command::LegalEntity(NewLegalEntity {
        name: cells.owned("name"),
        street: cells.owned("street"),
        postcode: cells.owned("postcode"),
        city: cells.owned("city"),
        country: cells.owned("country"),
        tax_id: cells.owned("tax_id"),
        currency: cells.owned("currency"),
        time_zone: cells.owned("time_zone"),
        invoice_series: cells.owned("invoice_series"),
        payment_terms_days,
    }))))
}
