//! One invoice: the document as it was issued, what was done to collect it, and what the books say of it.

use askama::Template;
use axum::response::Response;
use coterie_app::{
    invoice::page::{self as invoices, InvoiceDetail},
    payment::page::PaymentRow,
    projections,
};
use coterie_domain::invoice::{InvoiceIssued, Party};
use jiff::tz::TimeZone;

use super::{
    entry_table::EntryTable,
    office::{Id, Office, zone},
    payment_table, words,
};
use crate::{
    audit::{Facts, links},
    components::{Badge, Column, DefinitionList, Link, Money, Table, prints_html},
    context::PageContext,
    failure::Failure,
    page::page,
};

/// The document alone; on the page its lines link to their explanations, on paper they do not.
#[derive(Template)]
#[template(path = "finance/document.html")]
pub(super) struct Document {
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

#[derive(Template)]
#[template(path = "finance/invoice.html")]
struct Invoice {
    ctx: PageContext,
    number: String,
    buyer: String,
    state: Badge,
    open: Money,
    paid: bool,
    document: Document,
    payments: Vec<(Badge, Facts)>,
    entries: Vec<EntryTable>,
    history: Link,
    paper: String,
}

/// The document as it is printed: no header, no links.
#[derive(Template)]
#[template(path = "finance/invoice_paper.html")]
struct Paper {
    ctx: PageContext,
    number: String,
    document: Document,
    back: String,
}

pub(super) async fn show(office: Office, Id(id): Id) -> Result<Response, Failure> {
    office.caught_up(&[projections::MONEY, projections::JOURNAL]).await?;
    let detail = invoices::find(office.app(), office.tenant(), id.into()).await?;
    let detail = detail.ok_or_else(Failure::not_found)?;
    let catalogue = office.catalogue().await?;
    let zone = zone(&catalogue, detail.row.legal_entity_id);
    let number = detail.row.number.clone();
    let address = format!("/finance/invoices/{id}");
    if office.query.get("view") == "paper" {
        let paper = Paper {
            number,
            document: document(&detail.document, &zone, false),
            back: address,
            ctx: office.ctx,
        };
        return Ok(page(&paper.ctx, &paper));
    }
    let shown = Invoice {
        number,
        buyer: detail.row.buyer_name.clone(),
        state: words::invoice_badge(detail.row.state),
        open: words::amount(detail.row.open()),
        paid: detail.row.open().minor == 0,
        document: document(&detail.document, &zone, true),
        payments: detail.payments.iter().map(|payment| attempt(payment, &zone)).collect(),
        entries: entries(&detail, &zone),
        history: Link::new("History in the log", links::stream(id)),
        paper: format!("{address}?view=paper"),
        ctx: office.ctx,
    };
    Ok(page(&shown.ctx, &shown))
}

fn entries(detail: &InvoiceDetail, zone: &TimeZone) -> Vec<EntryTable> {
    detail
        .entries
        .iter()
        .map(|row| EntryTable::new(row, zone, None))
        .collect()
}

fn attempt(payment: &PaymentRow, zone: &TimeZone) -> (Badge, Facts) {
    let mut facts = Facts::default()
        .item("Amount", words::amount(payment.amount))
        .item("Attempted", payment_table::attempted(payment, zone))
        .item("Last change", words::moment(payment.changed_at, zone));
    if let Some(failure) = &payment.failure {
        facts = facts
            .item("Reason", failure.message.as_str())
            .item("Code", failure.code.as_str())
            .item("What it asks for", words::advice(failure.kind));
    }
    if let Some(intent) = &payment.intent_id {
        facts = facts.item("At Stripe", intent.as_str());
    }
    let history = Link::new("In the log", links::stream(payment.payment_id.0));
    (words::payment_badge(payment.state), facts.item("History", history))
}

/// Only what the document itself says, and the zone of its dates.
fn document(issued: &InvoiceIssued, zone: &TimeZone, linked: bool) -> Document {
    let money = |minor| words::money(minor, issued.currency);
    let mut tax = Table::new(
        "VAT",
        [
            Column::text("Category"),
            Column::number("Rate"),
            Column::number("On"),
            Column::number("VAT"),
        ],
    );
    for group in &issued.tax {
        tax.push([
            group.category.as_str().into(),
            format!("{} %", group.rate_percent).into(),
            money(group.basis_minor).into(),
            money(group.tax_minor).into(),
        ]);
    }
    Document {
        number: issued.number.clone(),
        seller: party(&issued.seller),
        buyer: party(&issued.buyer),
        facts: DefinitionList::new()
            .item("Invoice number", issued.number.as_str())
            .item("Issued", words::day(issued.issue_date))
            .item("Due", words::day(issued.due_date))
            .item("Dates in", zone.iana_name().unwrap_or("UTC")),
        lines: lines(issued, linked),
        tax,
        totals: DefinitionList::new()
            .item("Net", money(issued.net_minor))
            .item("VAT", money(issued.tax_minor))
            .item("Total", money(issued.gross_minor)),
    }
}

fn lines(issued: &InvoiceIssued, linked: bool) -> Table {
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
    for line in &issued.lines {
        let why = format!("/finance/invoices/{}/lines/{}", issued.invoice_id, line.charge_id);
        table.push([
            if linked {
                Link::new(&line.description, why).into()
            } else {
                line.description.as_str().into()
            },
            words::service(line.service_from, line.service_to).into(),
            words::quantity(&line.quantity, &line.unit).into(),
            words::money(line.unit_price_minor, issued.currency).into(),
            format!("{} %", line.tax_percent).into(),
            words::money(line.net_minor, issued.currency).into(),
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
