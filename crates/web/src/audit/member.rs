//! What happened with one member: to herself, and to whatever is hers.

use askama::Template;
use axum::response::Response;
use coterie_app::{
    log::member::{self as log, Thing},
    page::PageRequest,
    projections,
};

use super::{People, Places, event_table, links};
use crate::{
    components::{Link, Pagination, Table},
    context::PageContext,
    failure::Failure,
    finance::{
        listing::Listing,
        office::{Id, Office},
    },
    page::page,
};

#[derive(Template)]
#[template(path = "audit/member.html")]
struct MemberPage {
    ctx: PageContext,
    name: String,
    own: String,
    things: Vec<(&'static str, Vec<Link>)>,
    bookings: usize,
    cut: bool,
    most: i64,
    table: Table,
    pagination: Pagination,
    newest: Option<Link>,
}

pub(super) async fn show(office: Office, Id(id): Id) -> Result<Response, Failure> {
    office
        .caught_up(&[projections::PEOPLE, projections::BOOKINGS, projections::MONEY])
        .await?;
    let (app, tenant) = (office.app(), office.tenant());
    let address = links::member(id);
    let listing = Listing::new(&address, &office.query, &[]);
    let request: PageRequest = listing.request();
    let found = log::member(app, tenant, id.into(), &request)
        .await?
        .ok_or_else(Failure::not_found)?;
    let people = People::of(app, tenant, &found.events.items).await?;
    let names = log::names(app, tenant, &[id]).await?;
    let places = Places::new(office.catalogue().await?).knowing(&people);
    let shown = MemberPage {
        name: names.get(&id).cloned().unwrap_or_else(|| id.to_string()),
        own: links::stream(id),
        things: vec![
            ("Memberships", linked(&found.memberships)),
            ("Invoices", linked(&found.invoices)),
        ],
        bookings: found.bookings,
        cut: found.cut,
        most: log::MOST_OF_A_KIND,
        table: event_table::of("What happened, the newest first", &found.events.items, &people, &places),
        pagination: listing.pagination("Events", found.events.next.as_deref()),
        newest: listing.newest(),
        ctx: office.ctx,
    };
    Ok(page(&shown.ctx, &shown))
}

fn linked(things: &[Thing]) -> Vec<Link> {
    let link = |Thing { stream_id, name }: &Thing| Link::new(name, links::stream(*stream_id));
    things.iter().map(link).collect()
}
