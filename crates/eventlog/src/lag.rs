//! How far followers are behind the log, over all organizations: for metrics, for the command line and for whoever runs
//! the installation. Needs the worker role.

use sqlx::{PgPool, Row};
use uuid::Uuid;

/// How far one follower is behind.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lag {
    /// The follower.
    pub projection: String,
    /// Events that it has not handled, in all organizations together.
    pub events: i64,
    /// And in the organization that is furthest behind.
    pub most_events: i64,
    /// How long ago the oldest event was recorded that it has not handled and is not parked at; 0 when there is none.
    pub seconds: i64,
    /// Organizations that are parked.
    pub parked: i64,
}

/// An organization in which a follower is parked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ParkedAt {
    pub projection: String,
    pub tenant: Uuid,
    /// The event that cannot be handled.
    pub position: i64,
    pub reason: String,
}

/// The lag of these followers, in their order.
///
/// # Errors
/// When the database fails.
pub async fn lag(pool: &PgPool, followers: &[&str]) -> Result<Vec<Lag>, sqlx::Error> {
    let rows = sqlx::query(
        "select wanted.projection,
                coalesce(sum(h.position - coalesce(c.position, 0)), 0)::bigint as events,
                coalesce(max(h.position - coalesce(c.position, 0)), 0) as most_events,
                coalesce(greatest(0, extract(epoch from clock_timestamp() - min(next.recorded_at))), 0)::bigint as seconds,
                count(*) filter (where c.parked_at is not null) as parked
         from unnest($1::text[]) with ordinality as wanted (projection, place)
         left join public.event_head h on true
         left join public.checkpoint c on c.tenant_id = h.tenant_id and c.projection = wanted.projection
         left join lateral (
             select e.recorded_at from public.event e
             where e.tenant_id = h.tenant_id and e.position = coalesce(c.position, 0) + 1
               and c.parked_at is null and h.position > coalesce(c.position, 0)
         ) next on true
         group by wanted.projection, wanted.place order by wanted.place",
    )
    .bind(followers)
    .fetch_all(pool)
    .await?;
    let mut lags: Vec<Lag> = Vec::with_capacity(followers.len());
    for row in rows {
        lags.push(Lag {
            projection: row.try_get("projection")?,
            events: row.try_get("events")?,
            most_events: row.try_get("most_events")?,
            seconds: row.try_get("seconds")?,
            parked: row.try_get("parked")?,
        });
    }
    Ok(lags)
}

/// Where these followers are parked, at most `limit` organizations, those that have been longest first.
///
/// # Errors
/// When the database fails.
pub async fn parked(pool: &PgPool, followers: &[&str], limit: i64) -> Result<Vec<ParkedAt>, sqlx::Error> {
    let rows = sqlx::query(
        "select projection, tenant_id, parked_position, parked_reason from public.checkpoint
         where projection = any($1) and parked_at is not null
         order by parked_at, projection, tenant_id limit $2",
    )
    .bind(followers)
    .bind(limit)
    .fetch_all(pool)
    .await?;
    rows.iter()
        .map(|row| {
            Ok(ParkedAt {
                projection: row.try_get(0)?,
                tenant: row.try_get(1)?,
                position: row.try_get(2)?,
                reason: row.try_get(3)?,
            })
        })
        .collect()
}

/// Writes down what was seen, for those who may not look across organizations; see [`reported`].
///
/// # Errors
/// When the database fails.
pub async fn report(pool: &PgPool, lags: &[Lag], parked: &[ParkedAt]) -> Result<(), sqlx::Error> {
    let mut tx = pool.begin().await?;
    for lag in lags {
        sqlx::query(
            "insert into installation.follower_lag (projection, events, most_events, seconds, parked, reported_at)
             values ($1, $2, $3, $4, $5, clock_timestamp())
             on conflict (projection) do update
             set events = excluded.events, most_events = excluded.most_events, seconds = excluded.seconds,
                 parked = excluded.parked, reported_at = excluded.reported_at",
        )
        .bind(&lag.projection)
        .bind(lag.events)
        .bind(lag.most_events)
        .bind(lag.seconds)
        .bind(lag.parked)
        .execute(&mut *tx)
        .await?;
    }
    let projections: Vec<&str> = parked.iter().map(|one| one.projection.as_str()).collect();
    let tenants: Vec<Uuid> = parked.iter().map(|one| one.tenant).collect();
    let positions: Vec<i64> = parked.iter().map(|one| one.position).collect();
    sqlx::query(
        "with now_parked as (
             select * from unnest($1::text[], $2::uuid[], $3::bigint[]) as n (projection, tenant_id, position)
         ), gone as (
             delete from installation.follower_parked p
             where not exists (select from now_parked n where n.projection = p.projection and n.tenant_id = p.tenant_id
                                                          and n.position = p.position)
         )
         insert into installation.follower_parked (projection, tenant_id, position) select * from now_parked
         on conflict (projection, tenant_id) do nothing",
    )
    .bind(projections)
    .bind(tenants)
    .bind(positions)
    .execute(&mut *tx)
    .await?;
    tx.commit().await
}

/// What a worker last wrote down.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Reported {
    /// By follower's name, with the seconds since then.
    pub lags: Vec<(Lag, i64)>,
    /// Follower, organization and position.
    pub parked: Vec<(String, Uuid, i64)>,
}

/// What a worker last wrote down. Any role may ask.
///
/// # Errors
/// When the database fails.
pub async fn reported(pool: &PgPool) -> Result<Reported, sqlx::Error> {
    let rows = sqlx::query(
        "select projection, events, most_events, seconds, parked,
                extract(epoch from clock_timestamp() - reported_at)::bigint as age
         from installation.follower_lag order by projection",
    )
    .fetch_all(pool)
    .await?;
    let mut reported = Reported::default();
    for row in rows {
        let lag = Lag {
            projection: row.try_get("projection")?,
            events: row.try_get("events")?,
            most_events: row.try_get("most_events")?,
            seconds: row.try_get("seconds")?,
            parked: row.try_get("parked")?,
        };
        reported.lags.push((lag, row.try_get("age")?));
    }
    reported.parked = sqlx::query_as(
        "select projection, tenant_id, position from installation.follower_parked order by projection, tenant_id",
    )
    .fetch_all(pool)
    .await?;
    Ok(reported)
}
