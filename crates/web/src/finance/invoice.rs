//! One invoice: the document as it was issued, what was done to collect it, and what the books say of it.

use askama::Template;
use axum::response::Response;
use coterie_app::{
    invoice::page::{self as invoices, InvoiceDetail, InvoiceState},
    payment::page::PaymentRow,
    projections,
};
use coterie_documents::paper::Issued;
use jiff::tz::TimeZone;

use super::{
    credit_note,
    entry_table::EntryTable,
    office::{Id, Office, zone},
    paper::Document,
    payment_table, words,
};
use crate::{
    audit::{Facts, links},
    components::{Badge, Link, Money, Table},
    context::PageContext,
    failure::Failure,
    page::page,
    papers,
};

#[derive(Template)]
#[template(path = "finance/invoice.html")]
struct Invoice {
    ctx: PageContext,
    number: String,
    buyer: String,
    state: Badge,
    open: Money,
    closed: bool,
    /// Where it is credited; nothing where nothing is left of it.
    credit: Option<String>,
    credit_notes: Option<Table>,
    document: Document,
    payments: Vec<(Badge, Facts)>,
    entries: Vec<EntryTable>,
    history: Link,
    paper: String,
    pdf: String,
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
            document: Document::invoice(&detail.document, &zone, false),
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
        closed: detail.row.open().minor == 0,
        credit: (detail.row.state != InvoiceState::Credited).then(|| format!("{address}/credit")),
        credit_notes: (!detail.credit_notes.is_empty())
            .then(|| credit_note::table("Credit notes on this invoice", &detail.credit_notes)),
        document: Document::invoice(&detail.document, &zone, true),
        payments: detail.payments.iter().map(|payment| attempt(payment, &zone)).collect(),
        entries: entries(&detail, &zone),
        history: Link::new("History in the log", links::stream(id)),
        paper: format!("{address}?view=paper"),
        pdf: format!("{address}/invoice.pdf"),
        ctx: office.ctx,
    };
    Ok(page(&shown.ctx, &shown))
}

/// The document as a file.
pub(super) async fn pdf(office: Office, Id(id): Id) -> Result<Response, Failure> {
    office.caught_up(&[projections::MONEY]).await?;
    let detail = invoices::find(office.app(), office.tenant(), id.into()).await?;
    let document = detail.ok_or_else(Failure::not_found)?.document;
    papers::answer(
        office.app(),
        office.tenant(),
        Issued::Invoice(Box::new(document)),
        papers::Form::Pdf,
    )
    .await
}

/// The document with its e-invoice inside.
pub(super) async fn factur_x(office: Office, Id(id): Id) -> Result<Response, Failure> {
    office.caught_up(&[projections::MONEY]).await?;
    let detail = invoices::find(office.app(), office.tenant(), id.into()).await?;
    let document = detail.ok_or_else(Failure::not_found)?.document;
    papers::answer(
        office.app(),
        office.tenant(),
        Issued::Invoice(Box::new(document)),
        papers::Form::FacturX,
    )
    .await
}

/// The document as an e-invoice.
pub(super) async fn xrechnung(office: Office, Id(id): Id) -> Result<Response, Failure> {
    office.caught_up(&[projections::MONEY]).await?;
    let detail = invoices::find(office.app(), office.tenant(), id.into()).await?;
    let document = detail.ok_or_else(Failure::not_found)?.document;
    papers::answer(
        office.app(),
        office.tenant(),
        Issued::Invoice(Box::new(document)),
        papers::Form::XRechnung,
    )
    .await
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
