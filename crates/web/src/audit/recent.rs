//! The log, newest first.

use askama::Template;
use axum::response::Response;
use coterie_app::{
    log::page::{self as log, EventRow},
    page::{MAX_PAGE, Page, PageRequest},
};

use super::{People, Places, kinds, links};
use crate::{
    components::{Column, EmptyState, Link, Pagination, Select, Table},
    context::PageContext,
    failure::Failure,
    finance::{listing::Listing, office::Office, words},
    page::page,
};

/// Events that one request looks through for a filter; the page says where it stopped.
const MOST_SEARCHED: i64 = 2_000;

#[derive(Template)]
#[template(path = "audit/recent.html")]
struct Recent {
    ctx: PageContext,
    head: Option<(i64, String)>,
    category: Select,
    event_type: Select,
    table: Table,
    stopped_at: Option<i64>,
    pagination: Pagination,
    newest: Option<Link>,
}

/// What is asked for; empty is everything.
struct Filter {
    category: String,
    event_type: String,
}

impl Filter {
    fn fits(&self, event: &EventRow) -> bool {
        (self.category.is_empty() || self.category == event.category)
            && (self.event_type.is_empty() || self.event_type == event.event_type)
    }

    fn is_empty(&self) -> bool {
        self.category.is_empty() && self.event_type.is_empty()
    }
}

pub(super) async fn show(office: Office) -> Result<Response, Failure> {
    let filter = Filter {
        category: office.query.get("category").to_owned(),
        event_type: office.query.get("type").to_owned(),
    };
    let listing = Listing::new("/log", &office.query, &["category", "type"]);
    let (found, stopped_at) = search(&office, &filter, &listing.request()).await?;
    let places = Places::new(office.catalogue().await?);
    let people = People::of(office.app(), office.tenant(), &found.items).await?;
    let head = log::head(office.app(), office.tenant()).await?;
    let recent = Recent {
        head: head.map(|head| (head.position, hex(&head.hash))),
        category: Select::new("category", "About", kinds::categories())
            .value(filter.category)
            .prompt("Everything")
            .optional(),
        event_type: Select::new("type", "What happened", kinds::types())
            .value(filter.event_type)
            .prompt("Anything")
            .optional(),
        table: table(&found.items, &people, &places),
        stopped_at,
        pagination: listing.pagination("Events", found.next.as_deref()),
        newest: listing.newest(),
        ctx: office.ctx,
    };
    Ok(page(&recent.ctx, &recent))
}

/// A page of the events that fit, and the position where the search was given up before the page was full.
async fn search(
    office: &Office,
    filter: &Filter,
    request: &PageRequest,
) -> Result<(Page<EventRow>, Option<i64>), Failure> {
    if filter.is_empty() {
        return Ok((log::recent(office.app(), office.tenant(), request).await?, None));
    }
    let mut fitting: Vec<EventRow> = Vec::new();
    let mut step = PageRequest {
        limit: Some(MAX_PAGE),
        after: request.after.clone(),
    };
    let enough = usize::try_from(request.limit()).unwrap_or(usize::MAX);
    let mut stopped_at = None;
    for _ in 0..MOST_SEARCHED / MAX_PAGE {
        let Page { items, next } = log::recent(office.app(), office.tenant(), &step).await?;
        stopped_at = items.last().map(|event| event.position);
        fitting.extend(items.into_iter().filter(|event| filter.fits(event)));
        // One more than a page tells that there is a next one.
        if fitting.len() > enough {
            return Ok((request.cut(fitting, |event| event.position), None));
        }
        let Some(next) = next else {
            return Ok((
                Page {
                    items: fitting,
                    next: None,
                },
                None,
            ));
        };
        step.after = Some(next);
    }
    let found = Page {
        items: fitting,
        next: step.after,
    };
    Ok((found, stopped_at))
}

fn table(events: &[EventRow], people: &People, places: &Places) -> Table {
    let columns = [
        Column::text("What happened"),
        Column::text("About"),
        Column::text("Who"),
        Column::text("When"),
        Column::text("Request"),
        Column::number("Position"),
    ];
    let mut table = Table::new("Events, the newest first", columns).empty(EmptyState::new(
        "No event fits",
        "Nothing of this kind has happened in the part of the log that was looked through.",
    ));
    for event in events {
        let happened = links::humanized(&event.event_type);
        table.push([
            Link::new(happened, links::event(event.stream_id, event.version)).into(),
            links::humanized(&event.category).into(),
            people.who(&event.actor).into(),
            words::moment(event.occurred_at, &places.zone(event, events)).into(),
            Link::new("What else followed", links::correlation(event.correlation_id)).into(),
            event.position.to_string().into(),
        ]);
    }
    table
}

fn hex(hash: &[u8]) -> String {
    use std::fmt::Write as _;
    let mut text = String::with_capacity(hash.len() * 2);
    for byte in hash {
        // Writing to a string cannot fail.
        let _ = write!(text, "{byte:02x}");
    }
    text
}
