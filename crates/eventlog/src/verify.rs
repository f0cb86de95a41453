//! Verifying: recomputing an organization's chain from its first event to its head.

use std::collections::HashMap;

use sqlx::{PgConnection, PgPool, Row};
use uuid::Uuid;

use crate::event::RecordedEvent;
use crate::hash::{FIRST_PREVIOUS_HASH, chain_hash};
use crate::head::{Head, head};
use crate::read::read_tenant;
use crate::tenant::set_tenant_in_op;

/// Events per transaction, so that verifying a long log holds no long snapshot.
const EVENTS_PER_PAGE: i64 = 1_000;

/// What verifying found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// Every event up to the head is what it was when it was appended.
    Intact {
        /// How many events were recomputed.
        events: i64,
        /// The head's hash; 32 zero bytes when the log is empty.
        head: [u8; 32],
        /// The head's position; 0 when the log is empty.
        position: i64,
    },
    /// The first place where the log is not what it was.
    Broken {
        /// The position in question.
        position: i64,
        /// The type of the event there, `(missing)` when there is none.
        event_type: String,
        /// The stream of the event there, the nil UUID when there is none.
        stream_id: Uuid,
        /// What is wrong, as a sentence for people.
        reason: String,
    },
}

/// Recomputes the organization's chain in bounded pages and compares every hash, every position, every stream's versions
/// and the head row. `progress` is told how many events are done after each page.
///
/// The target is the head at the start; what is appended meanwhile is left for the next time. It finds whatever was
/// changed without recomputing the rest of the chain; against somebody who recomputes it, keep heads outside the database.
pub async fn verify(pool: &PgPool, tenant: Uuid, mut progress: impl FnMut(i64)) -> Result<Verdict, sqlx::Error> {
    let target = read_head(pool, tenant).await?;
    let mut chain = Chain::default();
    while let Some(target) = target.filter(|target| chain.position < target.position) {
        let events = read_page(pool, tenant, chain.position, target.position).await?;
        if events.is_empty() {
            return Ok(missing(
                chain.position + 1,
                "the head says that there is an event, and there is none",
            ));
        }
        for event in &events {
            if let Some(broken) = chain.add(event) {
                return Ok(broken);
            }
        }
        progress(chain.position);
    }
    if let Some(target) = target
        && chain.hash != target.hash
    {
        return Ok(Verdict::Broken {
            position: target.position,
            event_type: chain.event_type,
            stream_id: chain.stream_id,
            reason: "the head row carries another hash than the last event".to_owned(),
        });
    }
    if let Some(event) = beyond_head(pool, tenant).await? {
        return Ok(Verdict::Broken {
            position: event.position,
            event_type: event.event_type,
            stream_id: event.stream_id,
            reason: "the event lies beyond the head".to_owned(),
        });
    }
    Ok(Verdict::Intact {
        events: chain.position,
        head: chain.hash,
        position: chain.position,
    })
}

/// The chain as recomputed so far.
struct Chain {
    position: i64,
    hash: [u8; 32],
    event_type: String,
    stream_id: Uuid,
    versions: HashMap<Uuid, i64>,
}

impl Default for Chain {
    fn default() -> Self {
        Self {
            position: 0,
            hash: FIRST_PREVIOUS_HASH,
            event_type: "(missing)".to_owned(),
            stream_id: Uuid::nil(),
            versions: HashMap::new(),
        }
    }
}

impl Chain {
    /// Adds the next event, or says what is wrong with it.
    fn add(&mut self, event: &RecordedEvent) -> Option<Verdict> {
        if event.position != self.position + 1 {
            return Some(missing(
                self.position + 1,
                "the event was removed: positions have a gap here",
            ));
        }
        let broken = |reason: String| {
            Some(Verdict::Broken {
                position: event.position,
                event_type: event.event_type.clone(),
                stream_id: event.stream_id,
                reason,
            })
        };
        let expected_hash = chain_hash(&self.hash, event);
        if expected_hash != event.hash {
            return broken("the event was changed: its content and the stored hash disagree".to_owned());
        }
        let version = self.versions.entry(event.stream_id).or_insert(0);
        if event.version != *version + 1 {
            return broken(format!("the stream goes from version {version} to {}", event.version));
        }
        *version = event.version;
        self.position = event.position;
        self.hash = expected_hash;
        self.event_type.clone_from(&event.event_type);
        self.stream_id = event.stream_id;
        None
    }
}

fn missing(position: i64, reason: &str) -> Verdict {
    Verdict::Broken {
        position,
        event_type: "(missing)".to_owned(),
        stream_id: Uuid::nil(),
        reason: reason.to_owned(),
    }
}

async fn read_head(pool: &PgPool, tenant: Uuid) -> Result<Option<Head>, sqlx::Error> {
    let mut tx = pool.begin().await?;
    set_tenant_in_op(&mut tx, tenant).await?;
    let found = head(&mut tx, tenant).await?;
    tx.commit().await?;
    Ok(found)
}

async fn read_page(
    pool: &PgPool,
    tenant: Uuid,
    after_position: i64,
    up_to: i64,
) -> Result<Vec<RecordedEvent>, sqlx::Error> {
    let mut tx = pool.begin().await?;
    set_tenant_in_op(&mut tx, tenant).await?;
    let events = read_tenant(&mut tx, tenant, after_position, Some(up_to), EVENTS_PER_PAGE).await?;
    tx.commit().await?;
    Ok(events)
}

/// An event that the head does not cover. One statement, so that head and events come from the same snapshot.
async fn beyond_head(pool: &PgPool, tenant: Uuid) -> Result<Option<RecordedEvent>, sqlx::Error> {
    let mut tx = pool.begin().await?;
    set_tenant_in_op(&mut tx, tenant).await?;
    let position: Option<i64> = beyond_head_position(&mut tx, tenant).await?;
    let event = match position {
        Some(position) => read_tenant(&mut tx, tenant, position - 1, Some(position), 1)
            .await?
            .pop(),
        None => None,
    };
    tx.commit().await?;
    Ok(event)
}

async fn beyond_head_position(conn: &mut PgConnection, tenant: Uuid) -> Result<Option<i64>, sqlx::Error> {
    let row = sqlx::query(
        "select min(e.position) as position from public.event e
         where e.tenant_id = $1
           and e.position > coalesce((select h.position from public.event_head h where h.tenant_id = $1), 0)",
    )
    .bind(tenant)
    .fetch_one(conn)
    .await?;
    row.try_get("position")
}
