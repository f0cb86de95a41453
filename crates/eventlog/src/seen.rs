//! Reading one's own writes: whether models have seen a position, and if not, whether waiting helps.

use std::time::Duration;

use sqlx::{PgConnection, PgPool, Row};
use tokio::time::Instant;
use uuid::Uuid;

use crate::tenant::set_tenant_in_op;

/// The first pause between two looks; each is half as long again as the one before.
const FIRST_PAUSE: Duration = Duration::from_millis(10);
const LONGEST_PAUSE: Duration = Duration::from_millis(200);

/// How models stand to a position.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Seen {
    /// Every one of them has seen it.
    Yes,
    /// One is still on its way; it was waited for as long as allowed.
    NotYet,
    /// This one is parked before it: waiting does not help.
    Halted(String),
    /// The log does not go so far; it ends here.
    Beyond(i64),
}

/// Waits, bounded, until every named projection of the organization has reached `position`. With no name it asks only
/// whether the log goes so far.
pub async fn wait_until_seen(
    pool: &PgPool,
    tenant: Uuid,
    names: &[&str],
    position: i64,
    timeout: Duration,
) -> Result<Seen, sqlx::Error> {
    let until = Instant::now() + timeout;
    let mut pause = FIRST_PAUSE;
    loop {
        // A connection that is waited for counts as waiting too.
        let seen = match tokio::time::timeout_at(until, look(pool, tenant, names, position)).await {
            Ok(seen) => seen?,
            Err(_) => return Ok(Seen::NotYet),
        };
        if seen != Seen::NotYet || Instant::now() + pause >= until {
            return Ok(seen);
        }
        tokio::time::sleep(pause).await;
        pause = (pause * 3 / 2).min(LONGEST_PAUSE);
    }
}

async fn look(pool: &PgPool, tenant: Uuid, names: &[&str], position: i64) -> Result<Seen, sqlx::Error> {
    let mut tx = pool.begin().await?;
    set_tenant_in_op(&mut tx, tenant).await?;
    let seen = seen_in_op(&mut tx, tenant, names, position).await?;
    tx.commit().await?;
    Ok(seen)
}

/// One look, in one snapshot.
async fn seen_in_op(conn: &mut PgConnection, tenant: Uuid, names: &[&str], position: i64) -> Result<Seen, sqlx::Error> {
    let row = sqlx::query(
        "select coalesce((select h.position from public.event_head h where h.tenant_id = $1), 0) as head,
                coalesce(bool_and(coalesce(c.position, 0) >= $3), true) as reached,
                min(wanted.projection) filter (where c.parked_at is not null and c.position < $3) as halted
         from unnest($2::text[]) as wanted(projection)
         left join public.checkpoint c on c.tenant_id = $1 and c.projection = wanted.projection",
    )
    .bind(tenant)
    .bind(names)
    .bind(position)
    .fetch_one(conn)
    .await?;
    let head: i64 = row.try_get("head")?;
    let halted: Option<String> = row.try_get("halted")?;
    Ok(if head < position {
        Seen::Beyond(head)
    } else if row.try_get("reached")? {
        Seen::Yes
    } else {
        halted.map_or(Seen::NotYet, Seen::Halted)
    })
}
