//! An organization's log as a file that proves itself: one JSON object per line.
//!
//! | line | what it carries |
//! |---|---|
//! | first | `coterie_log` (the format, now 1), organization, slug, the public keys of the anchors |
//! | an event | everything that its hash covers, instants in microseconds, the payload as the exact text, and the hash |
//! | `anchor` | a signed copy of the head at some moment, after the event that it speaks of |
//! | last, `end` | how many events and anchors there are, and the head |
//!
//! Sealed payloads are written as they were recorded, so a file stays provable when a person was forgotten.

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use sqlx::PgPool;
use std::borrow::Cow;
use std::io::Write;
use uuid::Uuid;

use crate::anchor::{Anchor, AnchorPublicKey};
use crate::event::RecordedEvent;
use crate::hash::FIRST_PREVIOUS_HASH;
use crate::head::head;
use crate::read::read_tenant;
use crate::tenant::set_tenant_in_op;

/// The format of the file.
pub(crate) const FORMAT: u8 = 1;
/// Events per transaction, so that exporting a long log holds neither a long snapshot nor the log in memory.
const EVENTS_PER_PAGE: i64 = 1_000;

/// Why there is no file, or no whole one.
#[derive(Debug, thiserror::Error)]
pub enum ExportError {
    /// The log could not be read.
    #[error("the log could not be read")]
    Database(#[from] sqlx::Error),
    /// The file could not be written.
    #[error("the file could not be written")]
    Write(#[from] std::io::Error),
}

/// What was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Exported {
    /// How many events.
    pub events: i64,
    /// How many anchors.
    pub anchors: usize,
}

/// The first line.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct HeaderLine {
    pub(crate) coterie_log: u8,
    pub(crate) tenant: Uuid,
    pub(crate) slug: String,
    pub(crate) public_keys: Vec<String>,
}

/// An event's line. `position` comes first: it is how a reader tells events from the rest.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct EventLine<'a> {
    pub(crate) position: i64,
    #[serde(borrow)]
    pub(crate) category: Cow<'a, str>,
    pub(crate) stream: Uuid,
    pub(crate) version: i64,
    #[serde(borrow)]
    pub(crate) r#type: Cow<'a, str>,
    pub(crate) type_version: i16,
    #[serde(borrow)]
    pub(crate) actor: Cow<'a, str>,
    pub(crate) command: Uuid,
    pub(crate) causation: Option<i64>,
    pub(crate) correlation: Uuid,
    pub(crate) occurred_us: i64,
    pub(crate) recorded_us: i64,
    #[serde(borrow)]
    pub(crate) payload: Cow<'a, str>,
    #[serde(serialize_with = "write_hash", deserialize_with = "read_hash")]
    pub(crate) hash: [u8; 32],
}

/// An anchor's line.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct AnchorLine<'a> {
    #[serde(borrow)]
    pub(crate) anchor: &'a serde_json::value::RawValue,
}

/// The last line.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct EndLine {
    pub(crate) end: End,
}

/// What the last line says of the lines before it.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct End {
    pub(crate) events: i64,
    pub(crate) anchors: usize,
    #[serde(serialize_with = "write_hash", deserialize_with = "read_hash")]
    pub(crate) head: [u8; 32],
}

fn write_hash<S: Serializer>(hash: &[u8; 32], serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(&hex::encode(hash))
}

fn read_hash<'de, D: Deserializer<'de>>(deserializer: D) -> Result<[u8; 32], D::Error> {
    let text = <&str>::deserialize(deserializer)?;
    let mut hash = [0; 32];
    hex::decode_to_slice(text, &mut hash).map_err(|_| serde::de::Error::custom("a hash is 64 hex digits"))?;
    Ok(hash)
}

impl<'a> From<&'a RecordedEvent> for EventLine<'a> {
    fn from(event: &'a RecordedEvent) -> Self {
        Self {
            position: event.position,
            category: event.category.as_str().into(),
            stream: event.stream_id,
            version: event.version,
            r#type: event.event_type.as_str().into(),
            type_version: event.event_version,
            actor: event.actor.as_str().into(),
            command: event.command_id,
            causation: event.causation,
            correlation: event.correlation_id,
            occurred_us: event.occurred_at.as_microsecond(),
            recorded_us: event.recorded_at.as_microsecond(),
            payload: event.payload.as_str().into(),
            hash: event.hash,
        }
    }
}

/// Writes the organization's log up to its head at the start, in bounded pages.
///
/// `anchors` are the store's, in position order, and were listed before this is called: then none of them can honestly
/// speak of an event beyond the head, and one that does shows that the end of the log is gone. What is damaged is written
/// as it is; whoever verifies the file names the place.
pub async fn export(
    pool: &PgPool,
    tenant: Uuid,
    slug: &str,
    keys: &[AnchorPublicKey],
    anchors: &[Anchor],
    out: &mut dyn Write,
) -> Result<Exported, ExportError> {
    write_line(
        out,
        &HeaderLine {
            coterie_log: FORMAT,
            tenant,
            slug: slug.to_owned(),
            public_keys: keys.iter().map(AnchorPublicKey::to_base64).collect(),
        },
    )?;
    let mut tx = pool.begin().await?;
    set_tenant_in_op(&mut tx, tenant).await?;
    let target = head(&mut tx, tenant).await?;
    tx.commit().await?;
    let (up_to, head_hash) = target.map_or((0, FIRST_PREVIOUS_HASH), |head| (head.position, head.hash));

    let (mut events, mut after) = (0, 0);
    let mut waiting = anchors.iter().peekable();
    while after < up_to {
        let mut tx = pool.begin().await?;
        set_tenant_in_op(&mut tx, tenant).await?;
        let page = read_tenant(&mut tx, tenant, after, Some(up_to), EVENTS_PER_PAGE).await?;
        tx.commit().await?;
        let Some(last) = page.last() else { break };
        after = last.position;
        for event in &page {
            write_event(out, event)?;
            events += 1;
            while let Some(anchor) = waiting.next_if(|anchor| anchor.position <= event.position) {
                writeln!(out, "{{\"anchor\":{}}}", anchor.to_json())?;
            }
        }
    }
    for anchor in waiting {
        writeln!(out, "{{\"anchor\":{}}}", anchor.to_json())?;
    }
    let end = End {
        events,
        anchors: anchors.len(),
        head: head_hash,
    };
    write_line(out, &EndLine { end })?;
    out.flush()?;
    Ok(Exported {
        events,
        anchors: anchors.len(),
    })
}

/// Writes one event's line.
pub fn write_event(out: &mut dyn Write, event: &RecordedEvent) -> std::io::Result<()> {
    write_line(out, &EventLine::from(event))
}

fn write_line(out: &mut dyn Write, line: &impl Serialize) -> std::io::Result<()> {
    serde_json::to_writer(&mut *out, line)?;
    out.write_all(b"\n")
}

#[cfg(test)]
pub(crate) fn event_line(event: &RecordedEvent) -> String {
    serde_json::to_string(&EventLine::from(event)).unwrap()
}
