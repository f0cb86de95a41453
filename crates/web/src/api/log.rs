//! The log: what happened, who did it, and how a thing stood at any moment.

use coterie_app::log::{
    history::{self, AsOf, History},
    kinds,
    page::{self, EventRow},
    search::{self, LogFilter},
};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use super::{
    reading::{Id, PageQuery, Reading},
    reply::Answer,
};
use crate::{
    failure::{Failure, FieldError},
    json::ApiJson,
};

/// The end of the log: keep it elsewhere, and nobody can rewrite what came before without your noticing.
#[derive(Debug, Serialize, ToSchema)]
pub struct LogHead {
    /// Of the last event; there are no gaps.
    position: i64,
    /// SHA-256 of the chain up to there, in hexadecimal digits.
    hash: String,
    /// By the organization's clock.
    occurred_at: Timestamp,
}

/// An event of the log.
#[derive(Debug, Serialize, ToSchema)]
pub struct LoggedEvent {
    /// In the organization's log: 1, 2, 3 and so on without gaps.
    position: i64,
    /// The noun that it happened to.
    #[schema(example = "booking")]
    category: String,
    /// The thing that it happened to.
    stream_id: Uuid,
    /// In the history of that thing: 1, 2, 3 and so on without gaps.
    version: i64,
    #[schema(example = "BookingConfirmed")]
    event_type: String,
    /// Which shape of the type the payload has.
    event_version: i16,
    /// Who did it: `staff:`, `member:` or `key:` and an id, or `system:` and a part of Coterie.
    #[schema(example = "member:01981f5e-4d2b-7c11-9f36-0d2e7f2b9c10")]
    actor: String,
    /// What was carried out: everything that one command wrote has the same.
    command_id: Uuid,
    /// What everything has in common that followed from one request.
    correlation_id: Uuid,
    /// Position of the event that this one reacts to.
    causation: Option<i64>,
    /// By the organization's clock, which never goes backwards along the log.
    occurred_at: Timestamp,
    /// By wall time.
    recorded_at: Timestamp,
    #[schema(value_type = Object)]
    payload: serde_json::Value,
    /// SHA-256 of the chain up to here, in hexadecimal digits.
    hash: String,
}

impl From<EventRow> for LoggedEvent {
    fn from(row: EventRow) -> Self {
        Self {
            position: row.position,
            category: row.category,
            stream_id: row.stream_id,
            version: row.version,
            event_type: row.event_type,
            event_version: row.event_version,
            actor: row.actor,
            command_id: row.command_id,
            correlation_id: row.correlation_id,
            causation: row.causation,
            occurred_at: row.occurred_at,
            recorded_at: row.recorded_at,
            payload: row.payload,
            hash: row.hash_hex,
        }
    }
}

/// What is looked for; what is left out asks for all.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(default)]
pub struct LogQuery {
    /// A noun.
    #[param(example = "booking")]
    category: Option<String>,
    /// A type of event.
    #[param(example = "BookingConfirmed")]
    r#type: Option<String>,
    /// A whole actor such as `staff:0198…`, or all of one kind: `staff`, `member`, `key`, `system`.
    actor: Option<String>,
    correlation: Option<Uuid>,
    command: Option<Uuid>,
    /// By the organization's clock, inclusive.
    from: Option<Timestamp>,
    /// By the organization's clock, inclusive.
    to: Option<Timestamp>,
    /// The newest come first unless said.
    #[param(inline)]
    order: Order,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum Order {
    #[default]
    NewestFirst,
    OldestFirst,
}

/// A page of the log. It looks through a bounded part of it, so a page may hold less than was asked for and yet have a next.
#[derive(Debug, Serialize, ToSchema)]
pub struct LogPage {
    data: Vec<LoggedEvent>,
    /// Send it as `after` for the next page; null on the last one.
    #[schema(required)]
    next: Option<String>,
    /// The last position that was looked at, where the search was given up before the page was full.
    #[schema(required)]
    stopped_at: Option<i64>,
}

/// One event with what it led to.
#[derive(Debug, Serialize, ToSchema)]
pub struct LoggedEventDetail {
    #[serde(flatten)]
    event: LoggedEvent,
    /// Positions of the events that reacted to it, the first fifty among the ten thousand that follow it.
    led_to: Vec<i64>,
}

/// How a thing stood, and what had happened to it by then.
#[derive(Debug, Serialize, ToSchema)]
pub struct StreamAsOf {
    stream_id: Uuid,
    category: String,
    /// How many of its events had come.
    step: usize,
    /// How many there are by now.
    steps: usize,
    /// Whether more happened than is read here, which is a thousand events.
    cut: bool,
    /// What the events up to then add up to; null when it did not exist yet. Its fields depend on the noun.
    #[schema(value_type = Option<Object>, required)]
    state: Option<serde_json::Value>,
    /// To the thing itself and, of an invoice, to the payments and journal entries that belong to it. The first first.
    events: Vec<LoggedEvent>,
}

impl From<History> for StreamAsOf {
    fn from(history: History) -> Self {
        Self {
            stream_id: history.stream_id,
            category: history.category,
            step: history.step,
            steps: history.stops.len(),
            cut: history.cut,
            state: history.state,
            events: history.events.into_iter().map(LoggedEvent::from).collect(),
        }
    }
}

#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(default)]
pub struct AsOfQuery {
    /// A position of the log, or an instant by the organization's clock; now unless said.
    #[param(example = "2026-02-01T08:00:00Z")]
    as_of: Option<String>,
}

#[utoipa::path(get, path = "/v1/log/head", tag = "log", responses((status = 200, description = "The last event", body = LogHead)))]
pub async fn head(reading: Reading) -> Answer<LogHead> {
    reading.settled(&[]).await?;
    let head = page::head(reading.app(), reading.tenant())
        .await?
        .ok_or_else(Failure::not_found)?;
    let hash = head
        .hash
        .iter()
        .fold(String::new(), |text, byte| format!("{text}{byte:02x}"));
    Ok(ApiJson(LogHead {
        position: head.position,
        hash,
        occurred_at: head.occurred_at,
    }))
}

#[utoipa::path(get, path = "/v1/log", tag = "log", params(PageQuery, LogQuery),
    responses((status = 200, description = "Events that fit", body = LogPage)))]
pub async fn list(reading: Reading) -> Answer<LogPage> {
    reading.audits()?;
    let query: LogQuery = reading.query()?;
    let request = reading.page()?;
    if request.after.is_some() && request.after::<i64>().is_none() {
        return Err(wrong("after", "This is not the `next` of a page."));
    }
    let filter = filter(query)?;
    reading.settled(&[]).await?;
    let found = search::search(reading.app(), reading.tenant(), &filter, &request).await?;
    Ok(ApiJson(LogPage {
        data: found.events.into_iter().map(LoggedEvent::from).collect(),
        next: found.next,
        stopped_at: found.stopped_at,
    }))
}

/// A misspelt noun finds nothing for ever, so it is refused.
fn filter(query: LogQuery) -> Result<LogFilter, Failure> {
    if query.category.as_deref().is_some_and(|name| !kinds::is_category(name)) {
        return Err(wrong("category", "No event is about this."));
    }
    if query
        .r#type
        .as_deref()
        .is_some_and(|name| kinds::category_of(name).is_none())
    {
        return Err(wrong("type", "There is no such type of event."));
    }
    let kind = query
        .actor
        .as_deref()
        .map(|actor| actor.split(':').next().unwrap_or_default());
    if kind.is_some_and(|kind| !["staff", "member", "key", "system"].contains(&kind)) {
        return Err(wrong("actor", "Name a kind of actor, or one actor by kind and id."));
    }
    Ok(LogFilter {
        category: query.category,
        event_type: query.r#type,
        actor: query.actor,
        correlation: query.correlation,
        command: query.command,
        from: query.from,
        to: query.to,
        oldest_first: query.order == Order::OldestFirst,
    })
}

fn wrong(field: &str, message: &str) -> Failure {
    Failure::invalid(vec![FieldError::new(field, message)])
}

#[utoipa::path(get, path = "/v1/log/{position}", tag = "log", params(("position" = i64, Path)),
    responses((status = 200, description = "One event and what it led to", body = LoggedEventDetail)))]
pub async fn show(Id(position): Id<i64>, reading: Reading) -> Answer<LoggedEventDetail> {
    reading.audits()?;
    reading.settled(&[]).await?;
    let event = page::event(reading.app(), reading.tenant(), position).await?;
    let event = event.ok_or_else(Failure::not_found)?;
    let effects = page::effects(reading.app(), reading.tenant(), position).await?;
    Ok(ApiJson(LoggedEventDetail {
        event: event.into(),
        led_to: effects.iter().map(|effect| effect.position).collect(),
    }))
}

#[utoipa::path(get, path = "/v1/log/streams/{stream_id}", tag = "log", params(("stream_id" = Uuid, Path), AsOfQuery),
    responses((status = 200, description = "How it stood and what had happened", body = StreamAsOf)))]
pub async fn stream(Id(stream_id): Id, reading: Reading) -> Answer<StreamAsOf> {
    reading.audits()?;
    let AsOfQuery { as_of } = reading.query()?;
    let as_of = match as_of.as_deref() {
        None | Some("") => AsOf::Now,
        Some(text) => moment(text)?,
    };
    reading.settled(&[]).await?;
    let history = history::history(reading.app(), reading.tenant(), stream_id, as_of).await?;
    Ok(ApiJson(history.ok_or_else(Failure::not_found)?.into()))
}

fn moment(text: &str) -> Result<AsOf, Failure> {
    if let Ok(position) = text.parse::<i64>() {
        return Ok(AsOf::Position(position));
    }
    let at = text.parse::<Timestamp>().map(AsOf::Time);
    at.map_err(|_| {
        wrong(
            "as_of",
            "Send a position of the log or an instant such as 2026-02-01T08:00:00Z.",
        )
    })
}
