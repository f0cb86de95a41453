//! `/invoices`: what is addressed to her. What a company pays for her is the company's.

use askama::Template;
use axum::{
    extract::{RawQuery, State},
    response::Response,
};
use axum_extra::extract::CookieJar;
use coterie_app::{
    invoice::page::{self as model, InvoiceFilter, InvoiceRow},
    page::PageRequest,
    projections,
};

use super::{badges, money, query, when, who::Me};
use crate::{
    components::{Column, EmptyState, Link, Pagination, Table},
    context::PageContext,
    failure::Failure,
    house::House,
    page::page,
    session::MemberSession,
    state::AppState,
};

#[derive(Template)]
#[template(path = "member/invoices.html")]
struct InvoicesPage<'a> {
    ctx: &'a PageContext,
    company: Option<String>,
    invoices: Table,
    pagination: Pagination,
}

pub(super) async fn show(
    ctx: PageContext,
    State(state): State<AppState>,
    house: House,
    jar: CookieJar,
    session: MemberSession,
    RawQuery(raw): RawQuery,
) -> Result<Response, Failure> {
    let asked = query(raw)?;
    let tenant = session.tenant.tenant;
    house.caught_up(&state, &jar, tenant, &[projections::MONEY]).await?;
    let me = Me::load(&house, &session).await?;
    let filter = InvoiceFilter {
        member: Some(me.member.member_id),
        ..InvoiceFilter::default()
    };
    let request = PageRequest {
        limit: None,
        after: Some(asked.get("after").to_owned()).filter(|after| !after.is_empty()),
    };
    let found = model::list(&house.app, tenant, filter, &request).await?;
    let empty = EmptyState::new("No invoices yet", "The first one comes with your membership.")
        .action("See the plans", "/plans");
    let template = InvoicesPage {
        ctx: &ctx,
        company: me.company,
        invoices: table("Invoices, the newest first", &found.items).empty(empty),
        pagination: Pagination {
            label: "Invoices".to_owned(),
            previous: None,
            next: found.next.map(|cursor| format!("/invoices?after={cursor}")),
        },
    };
    Ok(page(&ctx, &template))
}

/// Invoices as rows.
pub(super) fn table(caption: &str, invoices: &[InvoiceRow]) -> Table {
    let columns = [
        Column::text("Number"),
        Column::text("Issued"),
        Column::text("Due"),
        Column::text("Status"),
        Column::number("Total"),
        Column::number("Open"),
    ];
    let mut table = Table::new(caption, columns);
    for invoice in invoices {
        table.push([
            Link::new(&invoice.number, format!("/invoices/{}", invoice.invoice_id)).into(),
            when::date(invoice.issue_date).into(),
            when::date(invoice.due_date).into(),
            badges::invoice(invoice.state).into(),
            money(invoice.gross).into(),
            money(invoice.open()).into(),
        ]);
    }
    table
}
