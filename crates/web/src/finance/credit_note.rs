//! One credit note: the document as it was issued, why, and the invoice that it corrects.

use askama::Template;
use axum::response::Response;
use coterie_app::{
    credit_note::page::{self as notes, CreditNoteRow},
    projections,
};
use coterie_documents::paper::Issued;

use super::{
    office::{Id, Office, zone},
    paper::Document,
    words,
};
use crate::{
    audit::links,
    components::{Column, DefinitionList, Link, Table},
    context::PageContext,
    failure::Failure,
    page::page,
    papers,
};

#[derive(Template)]
#[template(path = "finance/credit_note.html")]
struct CreditNote {
    ctx: PageContext,
    number: String,
    buyer: String,
    facts: DefinitionList,
    document: Document,
    invoice: Link,
    history: Link,
    pdf: String,
}

pub(super) async fn show(office: Office, Id(id): Id) -> Result<Response, Failure> {
    office.caught_up(&[projections::MONEY]).await?;
    let found = notes::find(office.app(), office.tenant(), id.into()).await?;
    let CreditNoteRow { document: issued, .. } = found.ok_or_else(Failure::not_found)?;
    let catalogue = office.catalogue().await?;
    let zone = zone(&catalogue, issued.legal_entity_id);
    let money = |minor| words::money(minor, issued.currency);
    let invoice = Link::new(
        format!("Invoice {}", issued.invoice_number),
        format!("/finance/invoices/{}", issued.invoice_id),
    );
    let again = match issued.bill_again.len() {
        0 => "No",
        _ => "Yes: its charges wait for another invoice",
    };
    let shown = CreditNote {
        number: issued.number.clone(),
        buyer: issued.buyer.name.clone(),
        facts: DefinitionList::new()
            .item("Corrects", invoice.clone())
            .item("Why", issued.reason.as_str())
            .item("Taken off what was owed", money(issued.settled_minor))
            .item("Credit of the payer", money(issued.owed_minor()))
            .item("Billed again", again),
        document: Document::credit_note(&issued, &zone, true),
        invoice,
        pdf: format!("/finance/credit-notes/{id}/credit-note.pdf"),
        history: Link::new("History in the log", links::stream(id)),
        ctx: office.ctx,
    };
    Ok(page(&shown.ctx, &shown))
}

/// The document as a file.
pub(super) async fn pdf(office: Office, Id(id): Id) -> Result<Response, Failure> {
    office.caught_up(&[projections::MONEY]).await?;
    let found = notes::find(office.app(), office.tenant(), id.into()).await?;
    let document = found.ok_or_else(Failure::not_found)?.document;
    papers::answer(
        office.app(),
        office.tenant(),
        Issued::CreditNote(Box::new(document)),
        papers::Form::Pdf,
    )
    .await
}

/// The document with its e-invoice inside.
pub(super) async fn factur_x(office: Office, Id(id): Id) -> Result<Response, Failure> {
    office.caught_up(&[projections::MONEY]).await?;
    let found = notes::find(office.app(), office.tenant(), id.into()).await?;
    let document = found.ok_or_else(Failure::not_found)?.document;
    papers::answer(
        office.app(),
        office.tenant(),
        Issued::CreditNote(Box::new(document)),
        papers::Form::FacturX,
    )
    .await
}

/// The document as an e-invoice.
pub(super) async fn xrechnung(office: Office, Id(id): Id) -> Result<Response, Failure> {
    office.caught_up(&[projections::MONEY]).await?;
    let found = notes::find(office.app(), office.tenant(), id.into()).await?;
    let document = found.ok_or_else(Failure::not_found)?.document;
    papers::answer(
        office.app(),
        office.tenant(),
        Issued::CreditNote(Box::new(document)),
        papers::Form::XRechnung,
    )
    .await
}

/// Credit notes as rows.
pub(super) fn table(caption: &str, notes: &[CreditNoteRow]) -> Table {
    let columns = [
        Column::text("Number"),
        Column::text("Corrects"),
        Column::text("Buyer"),
        Column::text("Issued"),
        Column::text("Why"),
        Column::number("Gross"),
    ];
    let mut table = Table::new(caption, columns);
    for note in notes {
        table.push([
            Link::new(&note.number, format!("/finance/credit-notes/{}", note.credit_note_id)).into(),
            Link::new(
                &note.document.invoice_number,
                format!("/finance/invoices/{}", note.invoice_id),
            )
            .into(),
            note.document.buyer.name.as_str().into(),
            words::day(note.issue_date).into(),
            note.document.reason.as_str().into(),
            words::amount(note.gross).into(),
        ]);
    }
    table
}
