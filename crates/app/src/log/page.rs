use crate::{
    App, UseCaseError,
    page::{Page, PageRequest},
    read,
};
use coterie_eventlog::{Head, RecordedEvent, seal::OpenError};
use jiff::Timestamp;
use serde_json::Value;
use sqlx::PgConnection;
use uuid::Uuid;

/// The most events of one stream or one correlation that a page shows.
pub const MAX_EVENTS: i64 = 1000;

/// An event as people read it.
#[derive(Debug, Clone, PartialEq)]
pub struct EventRow {
    pub position: i64,
    pub category: String,
    pub stream_id: Uuid,
    pub version: i64,
    pub event_type: String,
    pub event_version: i16,
    pub actor: String,
    /// What was carried out: everything that one append wrote has the same.
    pub command_id: Uuid,
    pub correlation_id: Uuid,
    /// Position of the event that this one reacts to.
    pub causation: Option<i64>,
    /// The organization's clock.
    pub occurred_at: Timestamp,
    /// Wall time.
    pub recorded_at: Timestamp,
    /// Opened where it was sealed; what was forgotten reads `(forgotten)`.
    pub payload: Value,
    /// SHA-256 of the chain up to here, as 64 hex digits.
    pub hash_hex: String,
}

impl From<RecordedEvent> for EventRow {
    fn from(event: RecordedEvent) -> Self {
        // The database took it as JSON; should that ever fail to read, the text itself is shown.
        let payload = serde_json::from_str(event.plain()).unwrap_or_else(|_| Value::String(event.plain().to_owned()));
        Self {
            position: event.position,
            category: event.category,
            stream_id: event.stream_id,
            version: event.version,
            event_type: event.event_type,
            event_version: event.event_version,
            actor: event.actor,
            command_id: event.command_id,
            correlation_id: event.correlation_id,
            causation: event.causation,
            occurred_at: event.occurred_at,
            recorded_at: event.recorded_at,
            payload,
            hash_hex: hex::encode(event.hash),
        }
    }
}

/// Events as people read them, with what is sealed in them opened.
pub(crate) async fn rows_in_op(
    app: &App,
    conn: &mut PgConnection,
    tenant: Uuid,
    mut events: Vec<RecordedEvent>,
) -> Result<Vec<EventRow>, UseCaseError> {
    open_in_op(app, conn, tenant, &mut events).await?;
    Ok(events.into_iter().map(EventRow::from).collect())
}

/// Opens what is sealed; what was forgotten reads as such. A leaf that cannot be opened stays as it is recorded: whoever
/// looks for what was tampered with must still be able to read the log.
pub(crate) async fn open_in_op(
    app: &App,
    conn: &mut PgConnection,
    tenant: Uuid,
    events: &mut [RecordedEvent],
) -> Result<(), UseCaseError> {
    let keys = &app.config.keys;
    match keys.open_in_op(conn, tenant, events).await {
        Ok(()) => return Ok(()),
        Err(error @ OpenError::Database(_)) => return Err(error.into()),
        Err(_) => {}
    }
    for event in events {
        let position = event.position;
        match keys.open_in_op(conn, tenant, std::slice::from_mut(event)).await {
            Ok(()) => {}
            Err(error @ OpenError::Database(_)) => return Err(error.into()),
            Err(error) => tracing::warn!(%tenant, position, %error, "an event is shown as it is sealed"),
        }
    }
    Ok(())
}

/// Where the organization's log stands; `None` before its first event.
///
/// # Errors
/// When the database fails.
pub async fn head(app: &App, tenant: Uuid) -> Result<Option<Head>, UseCaseError> {
    let mut tx = read::begin(app, tenant).await?;
    Ok(coterie_eventlog::head(&mut tx, tenant).await?)
}

/// The events of one stream after a version (0: from its first), oldest first, at most `MAX_EVENTS`.
///
/// # Errors
/// When the database fails.
pub async fn stream(
    app: &App,
    tenant: Uuid,
    stream_id: Uuid,
    after_version: i64,
) -> Result<Vec<EventRow>, UseCaseError> {
    let mut tx = read::begin(app, tenant).await?;
    let events = coterie_eventlog::read_stream(&mut tx, tenant, stream_id, after_version, MAX_EVENTS).await?;
    rows_in_op(app, &mut tx, tenant, events).await
}

/// Everything that followed from one request, oldest first, at most `MAX_EVENTS`.
///
/// # Errors
/// When the database fails.
pub async fn correlation(app: &App, tenant: Uuid, correlation_id: Uuid) -> Result<Vec<EventRow>, UseCaseError> {
    let mut tx = read::begin(app, tenant).await?;
    let events = coterie_eventlog::read_correlation(&mut tx, tenant, correlation_id, MAX_EVENTS).await?;
    rows_in_op(app, &mut tx, tenant, events).await
}

/// One event by its position; `None` where the log has not come that far.
///
/// # Errors
/// When the database fails.
pub async fn event(app: &App, tenant: Uuid, position: i64) -> Result<Option<EventRow>, UseCaseError> {
    let mut tx = read::begin(app, tenant).await?;
    let events = coterie_eventlog::read_tenant(&mut tx, tenant, position.saturating_sub(1), Some(position), 1).await?;
    Ok(rows_in_op(app, &mut tx, tenant, events).await?.pop())
}

/// How far behind an event its effects are looked for: reactions follow within moments, and whatever waits longer is an
/// alarm, which has no cause.
const EFFECTS_WITHIN: i64 = 10_000;
/// The most effects of one event that are shown.
const MAX_EFFECTS: i64 = 50;

/// What reacted to an event, in the order of the log.
///
/// # Errors
/// When the database fails.
pub async fn effects(app: &App, tenant: Uuid, position: i64) -> Result<Vec<EventRow>, UseCaseError> {
    let mut tx = read::begin(app, tenant).await?;
    let events = coterie_eventlog::read_effects(&mut tx, tenant, position, EFFECTS_WITHIN, MAX_EFFECTS).await?;
    rows_in_op(app, &mut tx, tenant, events).await
}

/// What one command wrote, a page of it.
#[derive(Debug, Clone, PartialEq)]
pub struct CommandEvents {
    pub first_position: i64,
    pub last_position: i64,
    /// After the position asked for, at most so many as were asked for.
    pub events: Vec<EventRow>,
}

/// Everything that one command wrote, after a position (0: from its first), at most `limit`. `near` is the position of one
/// of its events, where it is known.
///
/// # Errors
/// When the database fails.
pub async fn command(
    app: &App,
    tenant: Uuid,
    command: Uuid,
    near: Option<i64>,
    after: i64,
    limit: i64,
) -> Result<Option<CommandEvents>, UseCaseError> {
    let mut tx = read::begin(app, tenant).await?;
    let Some((first_position, last_position)) = coterie_eventlog::command_range(&mut tx, tenant, command, near).await?
    else {
        return Ok(None);
    };
    let after = after.max(first_position - 1);
    let events =
        coterie_eventlog::read_tenant(&mut tx, tenant, after, Some(last_position), limit.min(MAX_EVENTS)).await?;
    Ok(Some(CommandEvents {
        first_position,
        last_position,
        events: rows_in_op(app, &mut tx, tenant, events).await?,
    }))
}

/// The log, newest first.
///
/// # Errors
/// When the database fails.
pub async fn recent(app: &App, tenant: Uuid, request: &PageRequest) -> Result<Page<EventRow>, UseCaseError> {
    let mut tx = read::begin(app, tenant).await?;
    let head = coterie_eventlog::head(&mut tx, tenant)
        .await?
        .map_or(0, |head| head.position);
    let last = request.after::<i64>().map_or(head, |before| head.min(before - 1));
    // Positions have no gaps, so a page is a range of them.
    let wanted = request.limit() + 1;
    let after = (last - wanted).max(0);
    let mut events = coterie_eventlog::read_tenant(&mut tx, tenant, after, Some(last), wanted).await?;
    events.reverse();
    let events = rows_in_op(app, &mut tx, tenant, events).await?;
    Ok(request.cut(events, |event| event.position))
}
