//! Attempts to collect, the newest first; those whose outcome nobody knows stand above all, because a person decides.

use askama::Template;
use axum::response::Response;
use coterie_app::{
    page::{MAX_PAGE, PageRequest},
    payment::page::{self as payments, PaymentFilter},
    projections,
};
use coterie_domain::payment::PaymentState;

use super::{listing::Listing, office::Office, payment_table, words};
use crate::{
    components::{Choice, EmptyState, Link, Pagination, Select, Table},
    context::PageContext,
    failure::Failure,
    page::page,
};

#[derive(Template)]
#[template(path = "finance/payments.html")]
struct Payments {
    ctx: PageContext,
    state: Select,
    unknown: Option<Table>,
    table: Table,
    pagination: Pagination,
    newest: Option<Link>,
}

pub(super) async fn show(office: Office) -> Result<Response, Failure> {
    office.caught_up(&[projections::MONEY]).await?;
    let catalogue = office.catalogue().await?;
    let named = |name: &str| words::PAYMENT_STATES.into_iter().find(|state| state.name() == name);
    let state = office.choice("state", named)?;
    let listing = Listing::new("/finance/payments", &office.query, &["state"]);
    let (app, tenant) = (office.app(), office.tenant());
    let found = payments::list(app, tenant, PaymentFilter { state }, &listing.request()).await?;
    let unknown = PaymentFilter {
        state: Some(PaymentState::Unknown),
    };
    let all = PageRequest {
        limit: Some(MAX_PAGE),
        after: None,
    };
    let unknown = payments::list(app, tenant, unknown, &all).await?.items;
    let caption = match unknown.len() {
        1 => "1 payment waits for your decision".to_owned(),
        count => format!("{count} payments wait for your decision"),
    };
    let shown = Payments {
        state: Select::new("state", "State", states())
            .value(state.map(PaymentState::name).unwrap_or_default())
            .prompt("All")
            .optional(),
        unknown: (!unknown.is_empty()).then(|| payment_table::table(&caption, &unknown, &catalogue)),
        table: payment_table::table("Payments, the newest first", &found.items, &catalogue).empty(EmptyState::new(
            "No payments",
            "Attempts to collect invoices appear here as soon as one fits what you chose.",
        )),
        pagination: listing.pagination("Payments", found.next.as_deref()),
        newest: listing.newest(),
        ctx: office.ctx,
    };
    Ok(page(&shown.ctx, &shown))
}

fn states() -> impl Iterator<Item = Choice> {
    words::PAYMENT_STATES
        .into_iter()
        .map(|state| Choice::new(state.name(), words::payment_word(state)))
}
