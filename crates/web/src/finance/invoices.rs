//! Invoices, the newest first, with what they add up to.

use askama::Template;
use axum::response::Response;
use coterie_app::{
    invoice::page::{self as invoices, InvoiceFilter, InvoiceRow, InvoiceState},
    projections,
};
use coterie_domain::{LegalEntityId, catalogue::Catalogue};

use super::{
    books,
    listing::Listing,
    office::{Office, entity_choices, entity_name},
    words,
};
use crate::{
    components::{Choice, Column, EmptyState, Link, Pagination, Select, Table},
    context::PageContext,
    failure::Failure,
    page::page,
};

#[derive(Template)]
#[template(path = "finance/invoices.html")]
struct Invoices {
    ctx: PageContext,
    entity: Select,
    state: Select,
    totals: Option<Table>,
    table: Table,
    pagination: Pagination,
    newest: Option<Link>,
}

pub(super) async fn show(office: Office) -> Result<Response, Failure> {
    office.caught_up(&[projections::MONEY]).await?;
    let catalogue = office.catalogue().await?;
    let entity: Option<LegalEntityId> = office.entity(&catalogue)?.map(|entity| entity.fact.legal_entity_id);
    let state = office.choice("state", InvoiceState::from_name)?;
    let filter = InvoiceFilter {
        legal_entity: entity,
        state,
        ..InvoiceFilter::default()
    };
    let listing = Listing::new("/finance/invoices", &office.query, &["legal_entity", "state"]);
    let found = invoices::list(office.app(), office.tenant(), filter.clone(), &listing.request()).await?;
    let all = books::invoices(office.app(), office.tenant(), &filter).await?;
    let shown = Invoices {
        entity: Select::new("legal_entity", "Legal entity", entity_choices(&catalogue))
            .value(entity.map(|id| id.to_string()).unwrap_or_default())
            .prompt("All")
            .optional(),
        state: Select::new("state", "State", states())
            .value(state.map(InvoiceState::name).unwrap_or_default())
            .prompt("All")
            .optional(),
        totals: (!all.rows.is_empty()).then(|| totals(&all)),
        table: table(&found.items, &catalogue),
        pagination: listing.pagination("Invoices", found.next.as_deref()),
        newest: listing.newest(),
        ctx: office.ctx,
    };
    Ok(page(&shown.ctx, &shown))
}

fn states() -> Vec<Choice> {
    let states = InvoiceState::ALL.iter().copied();
    states
        .map(|state| Choice::new(state.name(), words::invoice_word(state)))
        .collect()
}

fn totals(all: &books::Invoices) -> Table {
    let count = all.rows.len();
    let caption = match (all.complete, count) {
        (true, 1) => "Total of 1 invoice".to_owned(),
        (true, count) => format!("Totals of all {count} invoices"),
        (false, count) => format!("Totals of the newest {count} invoices; there are more"),
    };
    let columns = [
        Column::text("Currency"),
        Column::number("Net"),
        Column::number("VAT"),
        Column::number("Gross"),
        Column::number("Open"),
    ];
    let mut table = Table::new(caption, columns);
    for (currency, sums) in all.totals() {
        let [net, tax, gross, open] = sums.map(|minor| words::money(minor, currency).into());
        table.push([currency.code().into(), net, tax, gross, open]);
    }
    table
}

fn table(invoices: &[InvoiceRow], catalogue: &Catalogue) -> Table {
    let columns = [
        Column::text("Number"),
        Column::text("Buyer"),
        Column::text("Legal entity"),
        Column::text("Issued"),
        Column::text("Due"),
        Column::text("State"),
        Column::number("Gross"),
        Column::number("Open"),
    ];
    let mut table = Table::new("Invoices, the newest first", columns).empty(EmptyState::new(
        "No invoices",
        "Invoices appear here as soon as one fits what you chose.",
    ));
    for invoice in invoices {
        table.push([
            Link::new(&invoice.number, format!("/finance/invoices/{}", invoice.invoice_id)).into(),
            invoice.buyer_name.as_str().into(),
            entity_name(catalogue, invoice.legal_entity_id).into(),
            words::day(invoice.issue_date).into(),
            words::day(invoice.due_date).into(),
            words::invoice_badge(invoice.state).into(),
            words::amount(invoice.gross).into(),
            words::amount(invoice.open()).into(),
        ]);
    }
    table
}
