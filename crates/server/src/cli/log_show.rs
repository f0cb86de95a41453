use super::log_table::Table;
use super::{CliError, tenants};
use crate::config::Config;
use coterie_eventlog::seal::{Keyring, OpenError};
use coterie_eventlog::{MAX_PAGE, RecordedEvent, read_correlation, read_stream, set_tenant_in_op};
use jiff::Timestamp;
use serde_json::{Value, json};
use sqlx::PgConnection;
use std::io::Write;
use std::str::FromStr;
use uuid::Uuid;

/// Events read at once.
const PAGE: i64 = 1_000;

/// Which events to print.
#[derive(Debug, Clone, Copy)]
pub(super) enum Wanted {
    Stream(Uuid),
    Correlation(Uuid),
}

/// Up to where: what came later is not printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum AsOf {
    Position(i64),
    /// By the organization's clock.
    Time(Timestamp),
}

impl FromStr for AsOf {
    type Err = &'static str;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let position = text.parse().ok().filter(|position| *position > 0).map(Self::Position);
        position
            .or_else(|| text.parse().ok().map(Self::Time))
            .ok_or("write a position such as 120, or an instant such as 2026-01-22T12:00:00Z")
    }
}

impl AsOf {
    fn includes(self, event: &RecordedEvent) -> bool {
        match self {
            Self::Position(position) => event.position <= position,
            Self::Time(time) => event.occurred_at <= time,
        }
    }
}

/// What `coterie log show` was asked.
pub(super) struct Question<'a> {
    pub(super) wanted: Wanted,
    pub(super) organization: Option<&'a str>,
    pub(super) as_of: Option<AsOf>,
    pub(super) json: bool,
}

/// `coterie log show`: the events in order, found in whichever organization has them.
pub(super) async fn run(config: &Config, question: &Question<'_>, out: &mut dyn Write) -> Result<(), CliError> {
    let pool = tenants::worker_pool(config)?;
    let tenants = match question.organization {
        Some(slug) => vec![tenants::by_slug(&pool, slug).await?],
        None => tenants::all(&pool).await?,
    };
    let mut found = false;
    for tenant in tenants {
        let mut table = Table::new(&tenant.slug);
        let mut after = 0;
        loop {
            let mut tx = pool.begin().await?;
            set_tenant_in_op(&mut tx, tenant.id).await?;
            let (mut page, next) = read_page(&mut tx, tenant.id, question.wanted, after).await?;
            if let Some(keys) = &config.master_keys {
                open(keys, &mut tx, tenant.id, &mut page).await?;
            }
            tx.commit().await?;
            let shown: Vec<RecordedEvent> = page
                .into_iter()
                .filter(|event| question.as_of.is_none_or(|as_of| as_of.includes(event)))
                .collect();
            found |= !shown.is_empty();
            if question.json {
                for event in &shown {
                    writeln!(out, "{}", as_value(&tenant.slug, event))?;
                }
            } else {
                table.print(&shown, out)?;
            }
            // Positions and tenant time only grow: behind the first event that is too late there is none.
            match next {
                Some(next) if !shown.is_empty() => after = next,
                _ => break,
            }
        }
    }
    pool.close().await;
    if found { Ok(()) } else { Err(CliError::NoEvents) }
}

/// Opens what is sealed. What cannot be opened, because a leaf was changed or its master key is gone, is shown sealed: this
/// command is how people look at a log that is not what it was.
async fn open(
    keys: &Keyring,
    conn: &mut PgConnection,
    tenant: Uuid,
    events: &mut [RecordedEvent],
) -> Result<(), sqlx::Error> {
    let mut opened = keys.open_in_op(conn, tenant, events).await;
    if opened.is_err() {
        for event in events.iter_mut().filter(|event| event.opened.is_none()) {
            opened = keys.open_in_op(conn, tenant, std::slice::from_mut(event)).await;
            if matches!(opened, Err(OpenError::Database(_))) {
                break;
            }
        }
    }
    match opened {
        Err(OpenError::Database(error)) => Err(error),
        _ => Ok(()),
    }
}

/// A page, and where the next one begins if there may be one.
async fn read_page(
    conn: &mut PgConnection,
    tenant: Uuid,
    wanted: Wanted,
    after: i64,
) -> Result<(Vec<RecordedEvent>, Option<i64>), sqlx::Error> {
    match wanted {
        Wanted::Stream(id) => {
            let page = read_stream(conn, tenant, id, after, PAGE).await?;
            let next = page.last().map(|event| event.version);
            Ok((page, next))
        }
        // One request has few consequences; this is far more than any of the house's.
        Wanted::Correlation(id) => Ok((read_correlation(conn, tenant, id, MAX_PAGE).await?, None)),
    }
}

fn as_value(slug: &str, event: &RecordedEvent) -> Value {
    json!({
        "organization": slug,
        "position": event.position,
        "category": event.category,
        "stream_id": event.stream_id,
        "version": event.version,
        "event_type": event.event_type,
        "event_version": event.event_version,
        "actor": event.actor,
        "command_id": event.command_id,
        "correlation_id": event.correlation_id,
        "causation": event.causation,
        "occurred_at": event.occurred_at.to_string(),
        "recorded_at": event.recorded_at.to_string(),
        "payload": serde_json::from_str::<Value>(event.plain()).unwrap_or_else(|_| event.plain().into()),
        "hash": hex::encode(event.hash),
    })
}
