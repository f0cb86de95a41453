//! The log, newest first, and what is looked for in it.

use askama::Template;
use axum::response::Response;
use coterie_app::{
    log::{
        page as log,
        search::{self, LogFilter},
    },
    organization,
};
use coterie_domain::organization::Role;
use jiff::tz::TimeZone;

use super::{People, Places, as_of, event_table, kinds};
use crate::{
    components::{Choice, Field, Hidden, Link, Pagination, Select, Table},
    context::PageContext,
    failure::{Failure, FieldError},
    finance::{listing::Listing, office::Office},
    form::Submitted,
    page::page,
};
use coterie_app::log::history::AsOf;
use jiff::Timestamp;

const FIELDS: [&str; 7] = ["category", "type", "actor", "from", "to", "correlation", "command"];

#[derive(Template)]
#[template(path = "audit/recent.html")]
struct Recent {
    ctx: PageContext,
    head: Option<(i64, String)>,
    selects: [Select; 3],
    times: [Field; 2],
    kept: Vec<Hidden>,
    filtered: bool,
    table: Table,
    stopped_at: Option<i64>,
    pagination: Pagination,
    newest: Option<Link>,
}

pub(super) async fn show(office: Office) -> Result<Response, Failure> {
    let (app, tenant) = (office.app(), office.tenant());
    let catalogue = office.catalogue().await?;
    let zone = Places::new(catalogue.clone()).common_zone();
    let filter = filter(&office.query, &zone)?;
    let listing = Listing::new("/log", &office.query, &FIELDS);
    let found = search::search(app, tenant, &filter, &listing.request()).await?;
    let people = People::of(app, tenant, &found.events).await?;
    let places = Places::new(catalogue).knowing(&people);
    let head = log::head(app, tenant).await?;
    let asked = |field: &'static str| office.query.get(field).to_owned();
    let recent = Recent {
        head: head.map(|head| (head.position, hex(&head.hash))),
        selects: [
            Select::new("category", "About", kinds::categories())
                .value(asked("category"))
                .prompt("Everything")
                .optional(),
            Select::new("type", "What happened", kinds::types())
                .value(asked("type"))
                .prompt("Anything")
                .optional(),
            Select::new("actor", "Who", actors(&office, &people).await?)
                .value(asked("actor"))
                .prompt("Anybody")
                .optional(),
        ],
        times: [("from", "From"), ("to", "Until")].map(|(name, label)| {
            let zone = zone.iana_name().unwrap_or("UTC");
            Field::wall_time(name, format!("{label} ({zone})"))
                .value(asked(name))
                .optional()
        }),
        kept: ["correlation", "command"]
            .into_iter()
            .filter(|field| !office.query.get(field).is_empty())
            .map(|field| Hidden::new(field, asked(field)))
            .collect(),
        filtered: FIELDS.iter().any(|field| !office.query.get(field).is_empty()),
        table: event_table::of("Events, the newest first", &found.events, &people, &places),
        stopped_at: found.stopped_at,
        pagination: listing.pagination("Events", found.next.as_deref()),
        newest: listing.newest(),
        ctx: office.ctx,
    };
    Ok(page(&recent.ctx, &recent))
}

/// What the query asks for; what cannot be read names its field.
fn filter(query: &Submitted, zone: &TimeZone) -> Result<LogFilter, Failure> {
    let text = |field: &str| Some(query.get(field).trim().to_owned()).filter(|text| !text.is_empty());
    let id = |field: &'static str| match text(field) {
        None => Ok(None),
        Some(text) => text
            .parse()
            .map(Some)
            .map_err(|_| Failure::invalid(vec![FieldError::new(field, "This is no id.")])),
    };
    Ok(LogFilter {
        category: text("category"),
        event_type: text("type"),
        actor: text("actor"),
        correlation: id("correlation")?,
        command: id("command")?,
        from: time(query, "from", zone)?,
        to: time(query, "to", zone)?,
        oldest_first: false,
    })
}

fn time(query: &Submitted, field: &'static str, zone: &TimeZone) -> Result<Option<Timestamp>, Failure> {
    match as_of::read(query.get(field), zone) {
        Ok(AsOf::Now) => Ok(None),
        Ok(AsOf::Time(at)) => Ok(Some(at)),
        _ => Err(Failure::invalid(vec![FieldError::new(
            field,
            "Write a time such as 2026-02-01 09:00.",
        )])),
    }
}

/// Kinds of actors, everybody on the staff, and whoever else is asked for.
async fn actors(office: &Office, people: &People) -> Result<Vec<Choice>, Failure> {
    let mut choices = vec![
        Choice::new("staff", "Any of the staff"),
        Choice::new("member", "Any member"),
        Choice::new("key", "Any API key"),
        Choice::new("system", "Coterie itself"),
    ];
    let staff = organization::staff(office.app(), office.tenant()).await?;
    choices.extend(staff.iter().map(|person| {
        let role: Role = person.role;
        Choice::new(
            format!("staff:{}", person.staff_id),
            format!("{} ({})", person.name, role.name()),
        )
    }));
    let asked = office.query.get("actor");
    let listed = asked.is_empty()
        || !asked.contains(':')
        || staff.iter().any(|person| asked == format!("staff:{}", person.staff_id));
    if !listed {
        choices.push(Choice::new(asked, people.who(asked)));
    }
    Ok(choices)
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
