//! Looking for events: by noun, type, actor, request, command and time. A search looks through a bounded part of the log
//! and says where it stopped.

use super::{
    kinds,
    page::{EventRow, rows_in_op},
};
use crate::{App, UseCaseError, page::PageRequest, read};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use coterie_eventlog::Search;
use jiff::Timestamp;
use uuid::Uuid;

/// Events that one request looks through; a filter by noun counts only those of the noun.
pub const MOST_SEARCHED: i64 = 10_000;

/// What is asked for; an absent field asks for all.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct LogFilter {
    pub category: Option<String>,
    pub event_type: Option<String>,
    /// A whole label such as `staff:0197…`, or a kind of actor: `staff`, `member`, `key`, `system`.
    pub actor: Option<String>,
    pub correlation: Option<Uuid>,
    pub command: Option<Uuid>,
    /// By the organization's clock, inclusive.
    pub from: Option<Timestamp>,
    /// By the organization's clock, inclusive.
    pub to: Option<Timestamp>,
    pub oldest_first: bool,
}

/// A page of what was found.
#[derive(Debug, Clone, PartialEq)]
pub struct Found {
    pub events: Vec<EventRow>,
    /// Where the next page goes on; it may be there although this page is not full.
    pub next: Option<String>,
    /// The last position looked at, where the search was given up before the page was full.
    pub stopped_at: Option<i64>,
}

/// Looks for events, the newest first unless the filter says otherwise.
///
/// # Errors
/// When the database fails.
pub async fn search(app: &App, tenant: Uuid, filter: &LogFilter, request: &PageRequest) -> Result<Found, UseCaseError> {
    let mut tx = read::begin(app, tenant).await?;
    let mut after = match filter.from {
        // The last position before the first instant that is asked for.
        Some(from) => match from.checked_sub(jiff::SignedDuration::from_micros(1)) {
            Ok(before) => coterie_eventlog::position_at(&mut tx, tenant, before).await?,
            Err(_) => 0,
        },
        None => 0,
    };
    let mut up_to = match filter.to {
        Some(to) => coterie_eventlog::position_at(&mut tx, tenant, to).await?,
        None => coterie_eventlog::head(&mut tx, tenant)
            .await?
            .map_or(0, |head| head.position),
    };
    if let Some(seen) = request.after::<i64>() {
        if filter.oldest_first {
            after = after.max(seen);
        } else {
            up_to = up_to.min(seen - 1);
        }
    }
    if let Some(command) = filter.command {
        // One command's events stand together.
        let range = coterie_eventlog::command_range(&mut tx, tenant, command, None).await?;
        let (first, last) = range.unwrap_or((1, 0));
        after = after.max(first - 1);
        up_to = up_to.min(last);
    }
    let of_type = filter.event_type.as_deref();
    let wanted = Search {
        // The index by noun is what makes a search by type quick.
        category: filter
            .category
            .as_deref()
            .or_else(|| of_type.and_then(kinds::category_of)),
        event_type: of_type,
        actor: filter.actor.as_deref(),
        correlation: filter.correlation,
        command: filter.command,
        after,
        up_to,
        newest_first: !filter.oldest_first,
    };
    let found = coterie_eventlog::search(&mut tx, tenant, &wanted, MOST_SEARCHED, request.limit() + 1).await?;
    let events = rows_in_op(app, &mut tx, tenant, found.events).await?;
    let page = request.cut(events, |event| event.position);
    let next = page.next.or_else(|| found.stopped_at.map(cursor));
    Ok(Found {
        events: page.items,
        next,
        stopped_at: found.stopped_at,
    })
}

/// The cursor that goes on after a position, as pages write theirs.
fn cursor(position: i64) -> String {
    URL_SAFE_NO_PAD.encode(position.to_string())
}
