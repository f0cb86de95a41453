//! An issued document as it is read on a page and printed from it: nothing but what it says itself, and the zone of its dates.

use askama::Template;
use coterie_domain::{
    Currency, InvoiceId,
    credit_note::CreditNoteIssued,
    invoice::{InvoiceIssued, InvoiceLine, Party},
    tax::TaxSubtotal,
};
use jiff::tz::TimeZone;

use super::words;
use crate::components::{Column, DefinitionList, Link, Table, prints_html};

/// The document alone; on the page its lines link to their explanations, on paper they do not.
#[derive(Template)]
#[template(path = "finance/document.html")]
pub(super) struct Document {
    kind: &'static str,
    number: String,
    seller: PartyLines,
    buyer: PartyLines,
    facts: DefinitionList,
    lines: Table,
    tax: Table,
    totals: DefinitionList,
}

prints_html!(Document);

struct PartyLines {
    name: String,
    lines: Vec<String>,
}

impl Document {
    pub(super) fn invoice(issued: &InvoiceIssued, zone: &TimeZone, linked: bool) -> Self {
        Self {
            kind: "Invoice",
            number: issued.number.clone(),
            seller: party(&issued.seller),
            buyer: party(&issued.buyer),
            facts: DefinitionList::new()
                .item("Invoice number", issued.number.as_str())
                .item("Issued", words::day(issued.issue_date))
                .item("Due", words::day(issued.due_date))
                .item("Dates in", zone.iana_name().unwrap_or("UTC")),
            lines: lines(
                &issued.told_lines(),
                issued.currency,
                linked.then_some(issued.invoice_id),
            ),
            tax: tax(&issued.tax, issued.currency),
            totals: totals(
                issued.currency,
                [issued.net_minor, issued.tax_minor, issued.gross_minor],
            ),
        }
    }

    pub(super) fn credit_note(issued: &CreditNoteIssued, zone: &TimeZone, linked: bool) -> Self {
        Self {
            kind: "Credit note",
            number: issued.number.clone(),
            seller: party(&issued.seller),
            buyer: party(&issued.buyer),
            facts: DefinitionList::new()
                .item("Credit note number", issued.number.as_str())
                .item("Corrects invoice", issued.invoice_number.as_str())
                .item("Of", words::day(issued.invoice_date))
                .item("Issued", words::day(issued.issue_date))
                .item("Dates in", zone.iana_name().unwrap_or("UTC")),
            lines: lines(&issued.lines, issued.currency, linked.then_some(issued.invoice_id)),
            tax: tax(&issued.tax, issued.currency),
            totals: totals(
                issued.currency,
                [issued.net_minor, issued.tax_minor, issued.gross_minor],
            ),
        }
    }
}

fn totals(currency: Currency, [net, tax, gross]: [i64; 3]) -> DefinitionList {
    DefinitionList::new()
        .item("Net", words::money(net, currency))
        .item("VAT", words::money(tax, currency))
        .item("Total", words::money(gross, currency))
}

fn tax(groups: &[TaxSubtotal], currency: Currency) -> Table {
    let mut table = Table::new(
        "VAT",
        [
            Column::text("Category"),
            Column::number("Rate"),
            Column::number("On"),
            Column::number("VAT"),
        ],
    );
    for group in groups {
        table.push([
            group.label().into(),
            format!("{} %", group.rate_percent).into(),
            words::money(group.basis_minor, currency).into(),
            words::money(group.tax_minor, currency).into(),
        ]);
    }
    table
}

/// `explained` is the invoice whose pages say why its lines cost what they cost.
fn lines(lines: &[InvoiceLine], currency: Currency, explained: Option<InvoiceId>) -> Table {
    let mut table = Table::new(
        "Lines",
        [
            Column::text("Description"),
            Column::text("Supplied"),
            Column::number("Quantity"),
            Column::number("Unit price"),
            Column::number("VAT rate"),
            Column::number("Net"),
        ],
    );
    for line in lines {
        let description = match explained {
            Some(id) => Link::new(
                &line.description,
                format!("/finance/invoices/{id}/lines/{}", line.charge_id),
            )
            .into(),
            None => line.description.as_str().into(),
        };
        table.push([
            description,
            words::service(line.service_from, line.service_to).into(),
            words::quantity(&line.quantity, &line.unit).into(),
            words::money(line.unit_price_minor, currency).into(),
            format!("{} %", line.tax_percent).into(),
            words::money(line.net_minor, currency).into(),
        ]);
    }
    table
}

fn party(party: &Party) -> PartyLines {
    let address = &party.address;
    let town = format!("{} {}", address.postcode, address.city);
    let country = address.country.clone();
    let tax_id = if party.tax_id.is_empty() {
        String::new()
    } else {
        format!("VAT ID {}", party.tax_id)
    };
    let lines = [address.street.clone(), town, country, tax_id, party.email.clone()];
    PartyLines {
        name: party.name.clone(),
        lines: lines
            .into_iter()
            .map(|line| line.trim().to_owned())
            .filter(|line| !line.is_empty())
            .collect(),
    }
}
