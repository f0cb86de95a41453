//! Deposits, the newest first: what is held for whom, and what should go back.

use askama::Template;
use axum::response::Response;
use coterie_app::{
    deposit::page::{self as deposits, DepositFilter, DepositRow},
    projections,
};

use super::{listing::Listing, office::Office, words};
use crate::{
    components::{Badge, Column, EmptyState, Link, Pagination, Table, Tone},
    context::PageContext,
    failure::Failure,
    page::page,
};

pub(super) const HERE: &str = "/finance/deposits";

#[derive(Template)]
#[template(path = "finance/deposits.html")]
struct Deposits {
    ctx: PageContext,
    table: Table,
    pagination: Pagination,
    newest: Option<Link>,
}

pub(super) async fn show(office: Office) -> Result<Response, Failure> {
    office.caught_up(&[projections::PEOPLE]).await?;
    let listing = Listing::new(HERE, &office.query, &[]);
    let filter = DepositFilter::default();
    let found = deposits::list(office.app(), office.tenant(), filter, &listing.request()).await?;
    let columns = [
        Column::text("Member"),
        Column::text("State"),
        Column::number("Deposit"),
        Column::number("Applied"),
        Column::number("Returned"),
        Column::number("Held"),
    ];
    let mut table = Table::new("Deposits, the newest first", columns).empty(EmptyState::new(
        "No deposits",
        "A plan that asks for one has it requested when a membership begins.",
    ));
    for row in &found.items {
        table.push([
            Link::new(name(row), format!("{HERE}/{}", row.deposit_id)).into(),
            state(row).into(),
            words::amount(row.amount).into(),
            words::amount(row.applied).into(),
            words::amount(row.returned).into(),
            words::amount(row.held).into(),
        ]);
    }
    let shown = Deposits {
        table,
        pagination: listing.pagination("Deposits", found.next.as_deref()),
        newest: listing.newest(),
        ctx: office.ctx,
    };
    Ok(page(&shown.ctx, &shown))
}

/// Whose membership it is for; nobody's name once she is forgotten.
pub(super) fn name(row: &DepositRow) -> &str {
    if row.member_name.is_empty() {
        "A member"
    } else {
        &row.member_name
    }
}

pub(super) fn state(row: &DepositRow) -> Badge {
    match (row.open.minor > 0, row.held.minor > 0, row.ended) {
        (true, ..) => Badge::new(Tone::Warning, "Requested"),
        (false, true, true) => Badge::new(Tone::Warning, "To be returned"),
        (false, true, false) => Badge::new(Tone::Good, "Held"),
        (false, false, _) => Badge::new(Tone::Neutral, "Settled"),
    }
}
