//! Invoices and credit notes as they were issued, in tables: nothing of it is looked up again but the names of houses.

use coterie_app::invoice::page::InvoiceDetail;
use coterie_domain::{
    Currency, InvoiceId, Money,
    catalogue::Catalogue,
    invoice::{InvoiceLine, Party},
    period::Days,
    tax::TaxSubtotal,
};

use super::{money, when};
use crate::components::{Column, DefinitionList, Link, Table};

/// A seller or buyer, line by line.
pub(super) fn party(party: &Party) -> Vec<String> {
    let address = &party.address;
    let town = format!("{} {} {}", address.postcode, address.city, address.country);
    let tax = if party.tax_id.is_empty() {
        String::new()
    } else {
        format!("VAT ID {}", party.tax_id)
    };
    [
        party.name.clone(),
        address.street.clone(),
        town.trim().to_owned(),
        tax,
        party.email.clone(),
    ]
    .into_iter()
    .filter(|line| !line.is_empty())
    .collect()
}

/// Number, days and totals.
pub(super) fn facts(detail: &InvoiceDetail) -> DefinitionList {
    let row = &detail.row;
    let facts = DefinitionList::new()
        .item("Number", row.number.clone())
        .item("Issued", when::date(row.issue_date))
        .item("Due", when::date(row.due_date))
        .item("Total", money(row.gross))
        .item("Paid", money(row.paid));
    let facts = if row.credited.minor == 0 {
        facts
    } else {
        facts.item("Taken back", money(row.credited))
    };
    facts.item("Open", money(row.open()))
}

/// One row per charge; its description leads to why it costs that.
pub(super) fn lines(
    invoice: InvoiceId,
    lines: &[InvoiceLine],
    net_minor: i64,
    currency: Currency,
    catalogue: &Catalogue,
) -> Table {
    let amount = |minor| money(Money::new(minor, currency));
    let columns = [
        Column::text("What"),
        Column::text("Where"),
        Column::text("When"),
        Column::number("Quantity"),
        Column::number("Unit price"),
        Column::number("VAT"),
        Column::number("Net"),
    ];
    let mut table = Table::new("Lines", columns);
    for line in lines {
        let place = catalogue.locations.get(&line.location_id);
        let days = Days {
            start: line.service_from,
            end: line.service_to,
        };
        let span = if days.count() > 1 {
            when::days(days)
        } else {
            when::date(line.service_from)
        };
        let href = format!("/invoices/{invoice}/lines/{}", line.charge_id);
        table.push([
            Link::new(&line.description, href).into(),
            place.map_or_else(String::new, |place| place.name.clone()).into(),
            span.into(),
            format!("{}\u{a0}{}", line.quantity, line.unit).into(),
            amount(line.unit_price_minor).into(),
            format!("{}\u{a0}%", line.tax_percent.normalize()).into(),
            amount(line.net_minor).into(),
        ]);
    }
    let blank = || String::new().into();
    table.footer([
        "Net".into(),
        blank(),
        blank(),
        blank(),
        blank(),
        blank(),
        amount(net_minor).into(),
    ])
}

/// VAT by category and rate, and the total.
pub(super) fn taxes(groups: &[TaxSubtotal], total: &str, gross_minor: i64, currency: Currency) -> Table {
    let amount = |minor| money(Money::new(minor, currency));
    let columns = [
        Column::text("VAT"),
        Column::number("Rate"),
        Column::number("On net"),
        Column::number("Amount"),
    ];
    let mut table = Table::new("VAT and total", columns);
    for tax in groups {
        table.push([
            tax.label().into(),
            format!("{}\u{a0}%", tax.rate_percent.normalize()).into(),
            amount(tax.basis_minor).into(),
            amount(tax.tax_minor).into(),
        ]);
    }
    table.footer([
        total.to_owned().into(),
        String::new().into(),
        String::new().into(),
        amount(gross_minor).into(),
    ])
}
