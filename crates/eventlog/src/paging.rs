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
/// From so many events on, a round ends and who is behind is asked again. Each organization that was behind has had its turn then.
const EVENTS_PER_ROUND: i64 = 2 * MAX_PAGE;

/// An organization that is behind.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
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

/// Packs who is behind into pages; of each organization at most `batch` events in a page. Asking who is behind looks at every
/// organization, so a round goes on with those that are far behind until it has [`EVENTS_PER_ROUND`].
pub(crate) fn pages(mut behind: Vec<Behind>, batch: i64) -> Vec<Vec<Behind>> {
    let batch = batch.clamp(1, MAX_PAGE);
    let (mut pages, mut events) = (Vec::new(), 0);
    while !behind.is_empty() && events < EVENTS_PER_ROUND {
        let mut rest = Vec::new();
        let (mut page, mut of_page) = (Vec::new(), 0);
        for one in behind {
            let goal = one.goal.min(one.after + batch);
            let many = goal - one.after;
            if !page.is_empty() && (of_page + many > EVENTS_PER_PAGE || page.len() >= TENANTS_PER_PAGE) {
                pages.push(std::mem::take(&mut page));
                of_page = 0;
            }
            of_page += many;
            events += many;
            if goal < one.goal {
                rest.push(Behind { after: goal, ..one });
            }
            page.push(Behind { goal, ..one });
        }
        pages.push(page);
        behind = rest;
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

#[cfg(test)]
mod tests {
    use super::*;

    fn behind(id: u128, after: i64, goal: i64) -> Behind {
        let tenant = Uuid::from_u128(id);
        Behind {
            tenant,
            after,
            goal,
            is_new: after == 0,
        }
    }

    fn packed(of: Vec<Behind>, batch: i64) -> Vec<Vec<(u128, i64, i64)>> {
        let pages = pages(of, batch).into_iter();
        pages
            .map(|page| {
                page.iter()
                    .map(|one| (one.tenant.as_u128(), one.after, one.goal))
                    .collect()
            })
            .collect()
    }

    #[test]
    fn nobody_comes_twice_in_a_page_and_everybody_once_before_anybody_twice() {
        assert_eq!(packed(Vec::new(), 500), Vec::<Vec<_>>::new());
        assert_eq!(
            packed(vec![behind(1, 0, 1200), behind(2, 7, 9), behind(3, 100, 700)], 500),
            [
                vec![(1, 0, 500), (2, 7, 9), (3, 100, 600)],
                vec![(1, 500, 1000), (3, 600, 700)],
                vec![(1, 1000, 1200)],
            ]
        );
    }

    #[test]
    fn a_page_and_a_round_are_bounded() {
        let many = (1..=450).map(|id| behind(id, 0, 1)).collect();
        let lengths: Vec<_> = packed(many, 500).iter().map(Vec::len).collect();
        assert_eq!(lengths, [200, 200, 50]);
        // One that is very far behind ends with the round, and everybody has had a turn, however many they are.
        let events = |pages: Vec<Vec<(u128, i64, i64)>>| -> i64 {
            pages.iter().flatten().map(|(_, after, goal)| goal - after).sum()
        };
        assert_eq!(events(packed(vec![behind(1, 0, 1_000_000)], 500)), EVENTS_PER_ROUND);
        let hundred: Vec<_> = (1..=100).map(|id| behind(id, 0, 1_000_000)).collect();
        assert_eq!(events(packed(hundred, 500)), 50_000);
    }
}
