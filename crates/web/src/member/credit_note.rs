//! `/credit-notes/{id}`: what was taken back of an invoice of hers, and why.

use askama::Template;
use axum::{
    extract::{Path, State},
    response::Response,
};
use axum_extra::extract::CookieJar;
use coterie_app::{
    credit_note::page::{self as model, CreditNoteRow},
    projections,
};
use coterie_documents::paper::Issued;
use coterie_domain::{CreditNoteId, Money};

use super::{document, found, id, invoice, money, when, who::Me};
use crate::{
    components::{Column, DefinitionList, Link, Table},
    context::PageContext,
    failure::Failure,
    house::House,
    page::page,
    papers,
    session::MemberSession,
    state::AppState,
};

#[derive(Template)]
#[template(path = "member/credit_note.html")]
struct CreditNotePage<'a> {
    ctx: &'a PageContext,
    number: String,
    issued: String,
    reason: String,
    invoice: Link,
    seller: Vec<String>,
    buyer: Vec<String>,
    facts: DefinitionList,
    lines: Table,
    taxes: Table,
}

/// A credit note of hers; anybody else's does not exist for her.
pub(super) async fn hers(
    state: &AppState,
    house: &House,
    jar: &CookieJar,
    session: &MemberSession,
    id: CreditNoteId,
) -> Result<CreditNoteRow, Failure> {
    let tenant = session.tenant.tenant;
    house.caught_up(state, jar, tenant, &[projections::MONEY]).await?;
    let row = found(model::find(&house.app, tenant, id).await?)?;
    invoice::may_see(house, session, row.payer).await?;
    Ok(row)
}

pub(super) async fn show(
    ctx: PageContext,
    State(state): State<AppState>,
    house: House,
    jar: CookieJar,
    session: MemberSession,
    Path(note): Path<String>,
) -> Result<Response, Failure> {
    let id: CreditNoteId = id(&note)?;
    let row = hers(&state, &house, &jar, &session, id).await?;
    let me = Me::load(&house, &session).await?;
    let issued = &row.document;
    let amount = |minor| money(Money::new(minor, issued.currency));
    let template = CreditNotePage {
        ctx: &ctx,
        number: issued.number.clone(),
        issued: format!("Issued {} by {}", when::date(issued.issue_date), issued.seller.name),
        reason: issued.reason.clone(),
        invoice: Link::new(
            format!("Invoice {}", issued.invoice_number),
            format!("/invoices/{}", issued.invoice_id),
        ),
        seller: document::party(&issued.seller),
        buyer: document::party(&issued.buyer),
        facts: DefinitionList::new()
            .item("Number", issued.number.clone())
            .item("Issued", when::date(issued.issue_date))
            .item("Total", amount(issued.gross_minor))
            .item("No longer owed", amount(issued.settled_minor))
            .item("Your credit", amount(issued.owed_minor())),
        lines: document::lines(
            issued.invoice_id,
            &issued.lines,
            issued.net_minor,
            issued.currency,
            &me.catalogue,
        ),
        taxes: document::taxes(&issued.tax, "Taken back", issued.gross_minor, issued.currency),
    };
    Ok(page(&ctx, &template))
}

/// The document as a file.
pub(super) async fn pdf(
    State(state): State<AppState>,
    house: House,
    jar: CookieJar,
    session: MemberSession,
    Path(note): Path<String>,
) -> Result<Response, Failure> {
    let row = hers(&state, &house, &jar, &session, id(&note)?).await?;
    let issued = Issued::CreditNote(Box::new(row.document));
    papers::answer(&house.app, session.tenant.tenant, issued, papers::Form::Pdf).await
}

/// Credit notes as rows.
pub(super) fn table(caption: &str, notes: &[CreditNoteRow]) -> Table {
    let columns = [
        Column::text("Credit note"),
        Column::text("Issued"),
        Column::text("Why"),
        Column::number("Total"),
    ];
    let mut table = Table::new(caption, columns);
    for note in notes {
        table.push([
            Link::new(&note.number, format!("/credit-notes/{}", note.credit_note_id)).into(),
            when::date(note.issue_date).into(),
            note.document.reason.as_str().into(),
            money(note.gross).into(),
        ]);
    }
    table
}
