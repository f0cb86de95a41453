//! What is charged and not invoiced yet, whoever pays.

use askama::Template;
use axum::response::Response;
use coterie_app::{charge::page as charges, projections};

use super::{office::Office, words};
use crate::{
    components::{Column, EmptyState, Table},
    context::PageContext,
    failure::Failure,
    page::page,
};

#[derive(Template)]
#[template(path = "finance/charges.html")]
struct Charges {
    ctx: PageContext,
    table: Table,
}

pub(super) async fn show(office: Office) -> Result<Response, Failure> {
    office.caught_up(&[projections::MONEY, projections::PEOPLE]).await?;
    let columns = [
        Column::text("What"),
        Column::text("Payer"),
        Column::text("Kind"),
        Column::text("Days"),
        Column::text("Quantity"),
        Column::number("Net"),
        Column::text("Billed from"),
        Column::text("Because"),
    ];
    let mut table = Table::new("Charges, the last made first", columns).empty(EmptyState::new(
        "Nothing waits",
        "What is booked, counted and charged waits here for the next invoice.",
    ));
    for row in charges::open(office.app(), office.tenant(), None).await? {
        let fact = row.charge;
        let because: Vec<String> = fact.because.into_iter().map(|step| step.text).collect();
        table.push([
            fact.description.into(),
            row.payer_name.into(),
            fact.kind.name().replace('_', " ").into(),
            words::service(fact.service_from, fact.service_to).into(),
            words::quantity(&fact.quantity, &fact.unit).into(),
            words::amount(fact.net).into(),
            words::day(fact.billable_on).into(),
            because.join("; ").into(),
        ]);
    }
    let shown = Charges { table, ctx: office.ctx };
    Ok(page(&shown.ctx, &shown))
}
