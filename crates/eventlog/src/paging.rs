//! Reading ahead for many organizations at once.

use sqlx::{PgPool, Row};
use uuid::Uuid;

use crate::copied::read_many;
use crate::course::Course;
use crate::event::RecordedEvent;
use crate::lease::Shards;
use crate::read::MAX_PAGE;

/// The most organizations that one round serves.
const TENANTS_PER_ROUND: i64 = 1_000;
/// The most organizations, and about as many events, that are read by one query and written in one transaction.
const TENANTS_PER_PAGE: usize = 200;
const EVENTS_PER_PAGE: i64 = MAX_PAGE;

/// An organization that is behind.
#[derive(Debug, Clone)]
pub(crate) struct Behind {
    pub(crate) tenant: Uuid,
    /// Where its checkpoint stood.
    pub(crate) after: i64,
    /// Where it should stand.
    pub(crate) goal: i64,
    /// It has no checkpoint yet.
    pub(crate) is_new: bool,
}

/// Events that were read by one query.
pub(crate) struct Page {
    pub(crate) parts: Vec<Part>,
}

/// Those of one organization.
pub(crate) struct Part {
    pub(crate) wanted: Behind,
    pub(crate) events: Vec<RecordedEvent>,
}

/// Who is behind on this course, longest unserved first.
pub(crate) async fn behind(pool: &PgPool, course: &Course<'_>) -> Result<Vec<Behind>, sqlx::Error> {
    if course.shards == Shards::NONE {
        return Ok(Vec::new());
    }
    let rows = sqlx::query(
        "select h.tenant_id, coalesce(c.position, 0), goal.position, c.tenant_id is null
         from public.event_head h
         left join public.checkpoint c on c.tenant_id = h.tenant_id and c.projection = $1
         left join public.checkpoint f on f.tenant_id = h.tenant_id and f.projection = $3
         cross join lateral (select case when $3 is null then h.position else coalesce(f.position, 0) end as position) goal
         where c.parked_at is null and goal.position > coalesce(c.position, 0)
           and ($4 = -1 or ($4 >> installation.shard_of(h.tenant_id)) & 1 = 1)
         order by c.served_at nulls first, h.tenant_id
         limit $2",
    )
    .bind(course.name)
    .bind(TENANTS_PER_ROUND)
    .bind(course.behind)
    .bind(course.shards.bits())
    // Planned for what is asked: all shards or some of them, behind a projection or not, are different questions, and one plan for all
    // takes each organization's checkpoint by itself.
    .persistent(false)
    .fetch_all(pool)
    .await?;
    rows.iter()
        .map(|row| {
            Ok(Behind {
                tenant: row.try_get(0)?,
                after: row.try_get(1)?,
                goal: row.try_get(2)?,
                is_new: row.try_get(3)?,
            })
        })
        .collect()
}

/// Packs who is behind into pages; of each organization at most `batch` events.
pub(crate) fn pages(behind: Vec<Behind>, batch: i64) -> Vec<Vec<Behind>> {
    let batch = batch.clamp(1, MAX_PAGE);
    let mut pages: Vec<Vec<Behind>> = Vec::new();
    let (mut page, mut events) = (Vec::new(), 0);
    for mut one in behind {
        one.goal = one.goal.min(one.after + batch);
        let many = one.goal - one.after;
        if !page.is_empty() && (events + many > EVENTS_PER_PAGE || page.len() >= TENANTS_PER_PAGE) {
            pages.push(std::mem::take(&mut page));
            events = 0;
        }
        events += many;
        page.push(one);
    }
    if !page.is_empty() {
        pages.push(page);
    }
    pages
}

/// Reads a page in one query, as the worker role. Outside a transaction: events never change once they are visible.
pub(crate) async fn fetch(pool: PgPool, wanted: Vec<Behind>) -> Result<Page, sqlx::Error> {
    let ranges: Vec<_> = wanted.iter().map(|one| (one.tenant, one.after, one.goal)).collect();
    let events = read_many(&pool, &ranges).await?;
    divide(wanted, events)
}

/// Gives each organization its events, and makes sure that none is missing or out of place.
fn divide(wanted: Vec<Behind>, events: Vec<RecordedEvent>) -> Result<Page, sqlx::Error> {
    let mut events = events.into_iter().peekable();
    let mut parts = Vec::with_capacity(wanted.len());
    for wanted in wanted {
        let mut mine = Vec::with_capacity(usize::try_from(wanted.goal - wanted.after).unwrap_or_default());
        let mut next = wanted.after;
        while let Some(event) = events.next_if(|event| event.tenant_id == wanted.tenant && event.position == next + 1) {
            next = event.position;
            mine.push(event);
        }
        parts.push(Part { wanted, events: mine });
    }
    match events.next() {
        None => Ok(Page { parts }),
        Some(event) => Err(sqlx::Error::Protocol(format!(
            "event {} of {} was read out of its place",
            event.position, event.tenant_id
        ))),
    }
}
