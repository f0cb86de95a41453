use super::{CliError, tenants};
use crate::config::Config;
use coterie_eventlog::{MAX_PAGE, RecordedEvent, read_correlation, read_stream, set_tenant_in_op};
use serde_json::{Value, json};
use std::io::Write;
use uuid::Uuid;

/// Which events to print.
#[derive(Debug, Clone, Copy)]
pub(super) enum Wanted {
    Stream(Uuid),
    Correlation(Uuid),
}

/// `coterie log show`: the events in order, found in whichever organization has them.
pub(super) async fn show(config: &Config, wanted: Wanted, as_json: bool, out: &mut dyn Write) -> Result<(), CliError> {
    let pool = tenants::worker_pool(config)?;
    let mut found = false;
    for tenant in tenants::all(&pool).await? {
        let mut tx = pool.begin().await?;
        set_tenant_in_op(&mut tx, tenant.id).await?;
        let events = match wanted {
            Wanted::Stream(id) => read_stream(&mut tx, tenant.id, id, 0, MAX_PAGE).await?,
            Wanted::Correlation(id) => read_correlation(&mut tx, tenant.id, id, MAX_PAGE).await?,
        };
        tx.commit().await?;
        for event in &events {
            found = true;
            if as_json {
                writeln!(out, "{}", as_value(&tenant.slug, event))?;
            } else {
                print(&tenant.slug, event, out)?;
            }
        }
    }
    pool.close().await;
    if found { Ok(()) } else { Err(CliError::NoEvents) }
}

fn print(slug: &str, event: &RecordedEvent, out: &mut dyn Write) -> Result<(), CliError> {
    writeln!(
        out,
        "{slug} {} {} {}@{} by {}, {}/{}@{}\n  {}",
        event.position,
        event.occurred_at,
        event.event_type,
        event.event_version,
        event.actor,
        event.category,
        event.stream_id,
        event.version,
        event.payload,
    )?;
    Ok(())
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
        "payload": serde_json::from_str::<Value>(&event.payload).unwrap_or_else(|_| event.payload.clone().into()),
        "hash": hex::encode(event.hash),
    })
}
