//! The history of one thing, and how it stood at any point of it.

use super::{
    invoice_state,
    page::{EventRow, MAX_EVENTS, open_in_op},
    state,
};
use crate::{
    App, UseCaseError, credit_note::page::of_invoice, ledger::page::entries_of_invoice,
    payment::page::payments_of_invoice, read,
};
use coterie_domain::{DomainEvent, InvoiceId, invoice::InvoiceEvent};
use coterie_eventlog::{RecordedEvent, seal::Keyring};
use jiff::Timestamp;
use serde_json::Value;
use sqlx::PgConnection;
use uuid::Uuid;

/// The moment that a history is shown up to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum AsOf {
    /// Everything that has happened.
    #[default]
    Now,
    /// After so many of its events.
    Step(usize),
    /// A position of the log, inclusive.
    Position(i64),
    /// An instant of the organization's clock, inclusive.
    Time(Timestamp),
}

/// One point at which the thing changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stop {
    pub position: i64,
    pub event_type: String,
    pub occurred_at: Timestamp,
}

/// A thing's history up to a moment, and its state there.
#[derive(Debug, Clone, PartialEq)]
pub struct History {
    pub category: String,
    pub stream_id: Uuid,
    /// Every point at which it changed, also those after the moment.
    pub stops: Vec<Stop>,
    /// How many of them had come by the moment; 0: it did not exist yet.
    pub step: usize,
    /// What had happened by then, in the order of the log: to the thing itself and, of an invoice, to the payments, credit
    /// notes and journal entries that belong to it.
    pub events: Vec<EventRow>,
    pub state: Option<Value>,
    /// The state one event earlier.
    pub before: Option<Value>,
    /// Whether more happened than is read here.
    pub cut: bool,
}

/// `None` when the organization has no such stream.
///
/// # Errors
/// When the database fails or an event cannot be read.
pub async fn history(app: &App, tenant: Uuid, stream_id: Uuid, as_of: AsOf) -> Result<Option<History>, UseCaseError> {
    let mut tx = read::begin(app, tenant).await?;
    let mut events = coterie_eventlog::read_stream(&mut tx, tenant, stream_id, 0, MAX_EVENTS + 1).await?;
    let limit = usize::try_from(MAX_EVENTS).unwrap_or(usize::MAX);
    let cut = events.len() > limit;
    events.truncate(limit);
    let Some(first) = events.first() else { return Ok(None) };
    let category = first.category.clone();
    if category == InvoiceEvent::CATEGORY {
        events.extend(belonging(&app.config.keys, &mut tx, tenant, InvoiceId(stream_id)).await?);
        events.sort_by_key(|event| event.position);
    }
    open_in_op(app, &mut tx, tenant, &mut events).await?;
    let stops: Vec<Stop> = events
        .iter()
        .map(|event| Stop {
            position: event.position,
            event_type: event.event_type.clone(),
            occurred_at: event.occurred_at,
        })
        .collect();
    let up_to = match as_of {
        AsOf::Now => i64::MAX,
        AsOf::Step(step) => step
            .min(stops.len())
            .checked_sub(1)
            .and_then(|last| stops.get(last))
            .map_or(0, |stop| stop.position),
        AsOf::Position(position) => position,
        AsOf::Time(at) => coterie_eventlog::position_at(&mut tx, tenant, at).await?,
    };
    let step = stops.partition_point(|stop| stop.position <= up_to);
    let state = state_after(&category, stream_id, &events[..step])?;
    let before = state_after(&category, stream_id, &events[..step.saturating_sub(1)])?;
    events.truncate(step);
    Ok(Some(History {
        category,
        stream_id,
        stops,
        step,
        events: events.into_iter().map(EventRow::from).collect(),
        state,
        before,
        cut,
    }))
}

/// What happened to the payments, credit notes and journal entries of an invoice.
async fn belonging(
    keys: &Keyring,
    conn: &mut PgConnection,
    tenant: Uuid,
    invoice: InvoiceId,
) -> Result<Vec<RecordedEvent>, UseCaseError> {
    let payments = payments_of_invoice(keys, &mut *conn, tenant, invoice).await?;
    let entries = entries_of_invoice(&mut *conn, tenant, invoice).await?;
    let notes = of_invoice(keys, &mut *conn, tenant, invoice).await?;
    let streams: Vec<Uuid> = payments
        .iter()
        .map(|payment| payment.payment_id.0)
        .chain(notes.iter().map(|note| note.credit_note_id.0))
        .chain(entries.iter().map(|row| row.entry.entry_id.0))
        .collect();
    Ok(coterie_eventlog::read_streams(conn, tenant, &streams, i64::MAX, MAX_EVENTS).await?)
}

fn state_after(category: &str, stream_id: Uuid, events: &[RecordedEvent]) -> Result<Option<Value>, UseCaseError> {
    let own: Vec<&RecordedEvent> = events.iter().filter(|event| event.stream_id == stream_id).collect();
    let state = state::fold(category, &own)?;
    match state {
        Some(issued) if category == InvoiceEvent::CATEGORY => Ok(Some(invoice_state::collected(issued, events)?)),
        state => Ok(state),
    }
}
