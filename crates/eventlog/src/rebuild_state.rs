//! What is known of rebuilds: one row for each read model, for whoever wants to know how far it is or to stop it.

use jiff::Timestamp;
use sqlx::postgres::PgRow;
use sqlx::{PgConnection, PgPool, Row};

use crate::rebuild::Filled;

/// Where a rebuild stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RebuildState {
    /// Its tables are being filled.
    Filling,
    /// It serves.
    Done,
    /// Somebody did not want it any more.
    Cancelled,
    /// It could not go on; what was filled is kept.
    Failed,
}

impl RebuildState {
    /// As it is stored.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Filling => "filling",
            Self::Done => "done",
            Self::Cancelled => "cancelled",
            Self::Failed => "failed",
        }
    }

    fn of(text: &str) -> Self {
        match text {
            "done" => Self::Done,
            "cancelled" => Self::Cancelled,
            "failed" => Self::Failed,
            _ => Self::Filling,
        }
    }
}

/// A rebuild under way, or the last one of a read model.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RebuildRow {
    pub projection: String,
    pub state: RebuildState,
    pub started_at: Timestamp,
    /// When its process last said that it is there.
    pub seen_at: Timestamp,
    pub finished_at: Option<Timestamp>,
    pub filled: Filled,
    pub cancel_requested: bool,
    pub error: Option<String>,
}

impl RebuildRow {
    /// Seconds until it is filled at the rate so far; `None` before there is a rate.
    pub fn seconds_left(&self) -> Option<i64> {
        let left = (self.filled.total - self.filled.done).max(0);
        (self.filled.per_second > 0).then(|| left / self.filled.per_second)
    }
}

/// Every rebuild that is known, by name. Any role may ask.
///
/// # Errors
/// When the database fails.
pub async fn rebuilds(pool: &PgPool) -> Result<Vec<RebuildRow>, sqlx::Error> {
    let rows = sqlx::query("select * from installation.rebuild order by projection")
        .fetch_all(pool)
        .await?;
    rows.iter().map(read).collect()
}

fn read(row: &PgRow) -> Result<RebuildRow, sqlx::Error> {
    let time = |column: &str| Ok::<_, sqlx::Error>(row.try_get::<jiff_sqlx::Timestamp, _>(column)?.to_jiff());
    Ok(RebuildRow {
        projection: row.try_get("projection")?,
        state: RebuildState::of(row.try_get("state")?),
        started_at: time("started_at")?,
        seen_at: time("seen_at")?,
        finished_at: row
            .try_get::<Option<jiff_sqlx::Timestamp>, _>("finished_at")?
            .map(jiff_sqlx::Timestamp::to_jiff),
        filled: Filled {
            total: row.try_get("total")?,
            done: row.try_get("done")?,
            per_second: row.try_get("per_second")?,
        },
        cancel_requested: row.try_get("cancel_requested")?,
        error: row.try_get("error")?,
    })
}

/// Asks a rebuild to stop; false when none is under way. Its process notices within a second.
///
/// # Errors
/// When the database fails.
pub async fn request_cancel(pool: &PgPool, name: &str) -> Result<bool, sqlx::Error> {
    let asked = sqlx::query(
        "update installation.rebuild set cancel_requested = true
         where projection = $1 and state in ('filling', 'swapping', 'failed')",
    )
    .bind(name)
    .execute(pool)
    .await?;
    Ok(asked.rows_affected() == 1)
}

/// Whether a rebuild was left before it ended.
pub(crate) async fn is_unfinished(pool: &PgPool, name: &str) -> Result<bool, sqlx::Error> {
    sqlx::query_scalar(
        "select exists (select from installation.rebuild
                        where projection = $1 and state in ('filling', 'swapping', 'failed') and not cancel_requested)",
    )
    .bind(name)
    .fetch_one(pool)
    .await
}

pub(crate) async fn is_cancelled(pool: &PgPool, name: &str) -> Result<bool, sqlx::Error> {
    let cancelled: Option<bool> =
        sqlx::query_scalar("select cancel_requested from installation.rebuild where projection = $1")
            .bind(name)
            .fetch_optional(pool)
            .await?;
    Ok(cancelled.unwrap_or(false))
}

/// Writes down that a rebuild begins, or goes on.
pub(crate) async fn begin(pool: &PgPool, name: &str, goes_on: bool) -> Result<(), sqlx::Error> {
    sqlx::query(
        "insert into installation.rebuild as known (projection, state, started_at, seen_at, total, done)
         values ($1, 'filling', clock_timestamp(), clock_timestamp(), 0, 0)
         on conflict (projection) do update
         set state = 'filling', seen_at = excluded.seen_at, finished_at = null, cancel_requested = false, error = null,
             started_at = case when $2 then known.started_at else excluded.started_at end,
             done = case when $2 then known.done else 0 end, per_second = 0",
    )
    .bind(name)
    .bind(goes_on)
    .execute(pool)
    .await?;
    Ok(())
}

/// Writes down how far it is; true when somebody does not want it any more.
pub(crate) async fn note(pool: &PgPool, name: &str, filled: Filled) -> Result<bool, sqlx::Error> {
    let cancelled: Option<bool> = sqlx::query_scalar(
        "update installation.rebuild
         set seen_at = clock_timestamp(), total = $2, done = $3, per_second = $4
         where projection = $1 returning cancel_requested",
    )
    .bind(name)
    .bind(filled.total)
    .bind(filled.done)
    .bind(filled.per_second)
    .fetch_optional(pool)
    .await?;
    Ok(cancelled.unwrap_or(false))
}

pub(crate) async fn fail(pool: &PgPool, name: &str, error: &str) -> Result<(), sqlx::Error> {
    sqlx::query(
        "update installation.rebuild set state = 'failed', finished_at = clock_timestamp(), error = $2 where projection = $1",
    )
    .bind(name)
    .bind(error)
    .execute(pool)
    .await?;
    Ok(())
}

/// Writes down that it ended; in the transaction of the swap, when it is that.
pub(crate) async fn end(conn: &mut PgConnection, name: &str, state: RebuildState) -> Result<(), sqlx::Error> {
    sqlx::query(
        "update installation.rebuild
         set state = $2, finished_at = clock_timestamp(), seen_at = clock_timestamp(),
             done = case $2 when 'done' then total else done end
         where projection = $1",
    )
    .bind(name)
    .bind(state.as_str())
    .execute(conn)
    .await?;
    Ok(())
}

/// Events in all logs, and how many of them are behind the checkpoints of a name.
pub(crate) async fn count(pool: &PgPool, name: &str) -> Result<(i64, i64), sqlx::Error> {
    sqlx::query_as(
        "select (select coalesce(sum(position), 0)::bigint from public.event_head),
                (select coalesce(sum(position), 0)::bigint from public.checkpoint where projection = $1)",
    )
    .bind(name)
    .fetch_one(pool)
    .await
}
