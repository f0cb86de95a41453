//! Rebuilding a read model beside itself: its twins are filled from the log by the follower's own code while everybody
//! reads the old tables, then they change places in one short transaction.
//!
//! Live following of that model is kept out only while the twins take their last steps and the tables are swapped; it
//! goes on from the twins' checkpoints, so no event is lost and none is counted twice. A rebuild that was killed goes on
//! where it stood. There is no rebuild of reactions: what they did cannot be undone.

use std::time::{Duration, Instant};

use sqlx::{Connection as _, PgConnection, PgPool};
use uuid::Uuid;

use crate::checkpoint::resume;
use crate::course::{Course, close_in_op};
use crate::follow::{Follower, Progress, StartAt, round};
use crate::rebuild_state::{self as state, RebuildState};
use crate::shadow::Shadow;

/// Events of one organization in one transaction.
const BATCH: i64 = 2_000;
/// How often progress is written down and a wish to cancel is looked for.
const LOOK_EVERY: Duration = Duration::from_millis(500);
/// How often the swap tries to get its locks, and how long each try waits while pages are being read.
const SWAP_TRIES: u32 = 40;
const SWAP_WAITS: &str = "2s";
/// Rounds in a row that get nowhere because the database fails.
const PATIENCE: u32 = 30;
/// The class of the advisory locks that let only one process rebuild a model.
const RUNNER: i32 = 0x636f_7462;

/// How far a rebuild is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Filled {
    /// Events in all logs.
    pub total: i64,
    /// Events folded.
    pub done: i64,
    /// Events folded in a second, by this run.
    pub per_second: i64,
}

/// How a rebuild ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ended {
    /// The new tables serve.
    Swapped(Filled),
    /// Somebody did not want it any more; nothing of it is left.
    Cancelled,
}

/// Why a model was not rebuilt or compared.
#[derive(Debug, thiserror::Error)]
pub enum RebuildError {
    #[error("{0} is a reaction: it sends and charges, and what was sent cannot be sent again by a rebuild")]
    Reaction(String),
    #[error("{0} is being rebuilt or compared by another process")]
    Busy(String),
    #[error(
        "event {position} of organization {tenant} cannot be folded: {reason}. The live tables stay as they are; \
         run it again when the cause is repaired"
    )]
    Poison {
        tenant: Uuid,
        position: i64,
        reason: String,
    },
    #[error("too many rounds in a row failed in the database; the log of this process says why")]
    Stuck,
    #[error("the tables of {0} were in use at every try to swap them; run it again at a quieter moment")]
    InUse(String),
    #[error("the database could not be asked")]
    Database(#[from] sqlx::Error),
}

/// Rebuilds a read model whose tables are `tables`, and swaps it in. Goes on with one that was interrupted.
///
/// `owner` owns the tables and `worker` connects as the worker role, with at least three connections. `tell` hears how far
/// it is, about twice a second.
///
/// # Errors
/// [`RebuildError`]; the live tables are then what they were, and what was filled is kept for the next try.
pub async fn rebuild(
    owner: &PgPool,
    worker: &PgPool,
    follower: &dyn Follower,
    tables: &[&str],
    tell: &(dyn Fn(Filled) + Send + Sync),
) -> Result<Ended, RebuildError> {
    let name = follower.name();
    refuse_reaction(follower)?;
    // A connection of its own: its lock must go with it, whatever becomes of this call.
    let mut runner = owner.acquire().await?.detach();
    alone(&mut runner, name).await?;
    let shadow = Shadow::new(format!("rebuild_{name}"), tables);
    let course_name = course_name(name);
    let course = Course::shadow(follower, &course_name, shadow.schema(), BATCH);
    prepare(&mut runner, worker, &course, name, &shadow).await?;
    let mut meter = Meter::new(worker, name, &course_name, tell);
    let ended = match run(&mut runner, worker, &course, name, &shadow, &mut meter).await {
        Ok(ended) => ended,
        Err(error) => {
            state::fail(worker, name, &error.to_string()).await?;
            leave(&mut runner, name).await?;
            return Err(error);
        }
    };
    leave(&mut runner, name).await?;
    Ok(ended)
}

/// Stops a rebuild: one that runs cleans up by itself within a second, one that does not is cleaned up here. True when
/// there was one.
///
/// # Errors
/// When the database fails.
pub async fn cancel(owner: &PgPool, worker: &PgPool, name: &str, tables: &[&str]) -> Result<bool, RebuildError> {
    let asked = state::request_cancel(worker, name).await?;
    let mut runner = owner.acquire().await?.detach();
    match alone(&mut runner, name).await {
        Err(RebuildError::Busy(_)) => return Ok(asked),
        other => other?,
    }
    let shadow = Shadow::new(format!("rebuild_{name}"), tables);
    let there = shadow.exists(&mut runner).await?;
    clean_up(&mut runner, worker, &course_name(name), &shadow).await?;
    if asked {
        state::end(&mut runner, name, RebuildState::Cancelled).await?;
    }
    leave(&mut runner, name).await?;
    Ok(asked || there)
}

fn course_name(name: &str) -> String {
    format!("{name}@rebuild")
}

pub(crate) fn refuse_reaction(follower: &dyn Follower) -> Result<(), RebuildError> {
    match follower.start_at() {
        StartAt::Beginning => Ok(()),
        StartAt::Head => Err(RebuildError::Reaction(follower.name().to_owned())),
    }
}

/// A lock of the session: it goes with the process, however that ends.
pub(crate) async fn alone(conn: &mut PgConnection, name: &str) -> Result<(), RebuildError> {
    let alone: bool = sqlx::query_scalar("select pg_try_advisory_lock($1, hashtext($2))")
        .bind(RUNNER)
        .bind(name)
        .fetch_one(conn)
        .await?;
    if alone {
        Ok(())
    } else {
        Err(RebuildError::Busy(name.to_owned()))
    }
}

pub(crate) async fn leave(conn: &mut PgConnection, name: &str) -> Result<(), sqlx::Error> {
    sqlx::query("select pg_advisory_unlock($1, hashtext($2))")
        .bind(RUNNER)
        .bind(name)
        .execute(conn)
        .await?;
    Ok(())
}

/// Empty twins, or those of an interrupted rebuild as long as they still look like the live tables.
async fn prepare(
    owner: &mut PgConnection,
    worker: &PgPool,
    course: &Course<'_>,
    name: &str,
    shadow: &Shadow,
) -> Result<(), RebuildError> {
    let goes_on = state::is_unfinished(worker, name).await? && shadow.exists(owner).await?;
    if goes_on {
        for parked in parked(worker, course.name).await? {
            resume(worker, parked.tenant, course.name).await?;
        }
    } else {
        clean_up(owner, worker, course.name, shadow).await?;
        shadow.create(owner).await?;
    }
    state::begin(worker, name, goes_on).await?;
    Ok(())
}

/// Nothing of it is left.
pub(crate) async fn clean_up(
    owner: &mut PgConnection,
    worker: &PgPool,
    course_name: &str,
    shadow: &Shadow,
) -> Result<(), sqlx::Error> {
    shadow.drop(owner).await?;
    let tenants = tenants_of(worker, &[course_name]).await?;
    sqlx::query("select public.forget_checkpoints($1, $2)")
        .bind(course_name)
        .bind(tenants)
        .execute(owner)
        .await?;
    Ok(())
}

async fn run(
    owner: &mut PgConnection,
    worker: &PgPool,
    course: &Course<'_>,
    name: &str,
    shadow: &Shadow,
    meter: &mut Meter<'_>,
) -> Result<Ended, RebuildError> {
    let cancelled = !fill(worker, course, meter).await?;
    if !cancelled {
        shadow.analyze(owner).await?;
        meter.looked = None;
        for _ in 0..SWAP_TRIES {
            if state::is_cancelled(worker, name).await? {
                break;
            }
            // What came while the tables were in use.
            fill(worker, course, meter).await?;
            if swap(owner, worker, course, name, shadow).await? {
                meter.finish();
                return Ok(Ended::Swapped(meter.last));
            }
        }
        if !state::is_cancelled(worker, name).await? {
            return Err(RebuildError::InUse(name.to_owned()));
        }
    }
    clean_up(owner, worker, course.name, shadow).await?;
    state::end(owner, name, RebuildState::Cancelled).await?;
    Ok(Ended::Cancelled)
}

/// Folds until nothing is left; false when somebody does not want it any more.
async fn fill(worker: &PgPool, course: &Course<'_>, meter: &mut Meter<'_>) -> Result<bool, RebuildError> {
    meter.look().await?;
    let mut failures = 0;
    while go_on(round(worker, course).await?, &mut failures)? {
        if !meter.look().await? {
            return Ok(false);
        }
    }
    Ok(true)
}

/// Folds until nothing is left.
pub(crate) async fn drain(worker: &PgPool, course: &Course<'_>) -> Result<(), RebuildError> {
    let mut failures = 0;
    while go_on(round(worker, course).await?, &mut failures)? {}
    Ok(())
}

/// Whether a round has left something to do; an error after too many that got nowhere.
fn go_on(progress: Progress, failures: &mut u32) -> Result<bool, RebuildError> {
    *failures = if progress.events > 0 { 0 } else { *failures + 1 };
    if *failures > PATIENCE {
        return Err(RebuildError::Stuck);
    }
    Ok(progress != Progress::default())
}

/// One try to put the twins in the place of the live tables; false when somebody was reading them.
async fn swap(
    owner: &mut PgConnection,
    worker: &PgPool,
    course: &Course<'_>,
    name: &str,
    shadow: &Shadow,
) -> Result<bool, RebuildError> {
    let mut tx = owner.begin().await?;
    sqlx::query(
        "select set_config('lock_timeout', $1, true), set_config('idle_in_transaction_session_timeout', '30s', true)",
    )
    .bind(SWAP_WAITS)
    .execute(&mut *tx)
    .await?;
    match swap_in_op(&mut tx, worker, course, name, shadow).await {
        Ok(()) => {
            tx.commit().await?;
            Ok(true)
        }
        Err(RebuildError::Database(error)) if is_lock_timeout(&error) => {
            tx.rollback().await?;
            Ok(false)
        }
        Err(error) => {
            tx.rollback().await?;
            Err(error)
        }
    }
}

async fn swap_in_op(
    conn: &mut PgConnection,
    worker: &PgPool,
    course: &Course<'_>,
    name: &str,
    shadow: &Shadow,
) -> Result<(), RebuildError> {
    // From here on nobody follows the live model: its checkpoints stand still while the twins overtake them.
    close_in_op(conn, name).await?;
    drain(worker, course).await?;
    if let Some(lost) = falls_back(worker, name, course.name).await? {
        return Err(lost);
    }
    let tenants = tenants_of(worker, &[name, course.name]).await?;
    sqlx::query("select public.take_over_checkpoints($1, $2, $3)")
        .bind(name)
        .bind(course.name)
        .bind(tenants)
        .execute(&mut *conn)
        .await?;
    shadow.swap_in_op(conn).await?;
    state::end(conn, name, RebuildState::Done).await?;
    Ok(())
}

/// 55P03: a lock was not to be had in time; 40P01: waiting would never have ended.
fn is_lock_timeout(error: &sqlx::Error) -> bool {
    error
        .as_database_error()
        .and_then(sqlx::error::DatabaseError::code)
        .is_some_and(|code| code == "55P03" || code == "40P01")
}

/// An organization that is parked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ParkedCourse {
    pub(crate) tenant: Uuid,
    pub(crate) position: i64,
    pub(crate) reason: String,
}

impl From<ParkedCourse> for RebuildError {
    fn from(parked: ParkedCourse) -> Self {
        Self::Poison {
            tenant: parked.tenant,
            position: parked.position,
            reason: parked.reason,
        }
    }
}

/// The organizations that are parked on this course.
pub(crate) async fn parked(worker: &PgPool, course_name: &str) -> Result<Vec<ParkedCourse>, sqlx::Error> {
    let rows: Vec<(Uuid, i64, String)> = sqlx::query_as(
        "select tenant_id, parked_position, parked_reason from public.checkpoint
         where projection = $1 and parked_at is not null order by tenant_id",
    )
    .bind(course_name)
    .fetch_all(worker)
    .await?;
    let rows = rows.into_iter().map(|(tenant, position, reason)| ParkedCourse {
        tenant,
        position,
        reason,
    });
    Ok(rows.collect())
}

/// The first organization whose twin stands before its live tables: swapping would show it its past.
async fn falls_back(worker: &PgPool, name: &str, course_name: &str) -> Result<Option<RebuildError>, sqlx::Error> {
    let lost: Option<(Uuid, i64, Option<i64>, Option<String>)> = sqlx::query_as(
        "select live.tenant_id, coalesce(twin.position, 0), twin.parked_position, twin.parked_reason
         from public.checkpoint live
         left join public.checkpoint twin on twin.tenant_id = live.tenant_id and twin.projection = $2
         where live.projection = $1 and live.position > coalesce(twin.position, 0)
         order by live.tenant_id limit 1",
    )
    .bind(name)
    .bind(course_name)
    .fetch_optional(worker)
    .await?;
    Ok(lost.map(|(tenant, position, parked, reason)| RebuildError::Poison {
        tenant,
        position: parked.unwrap_or(position + 1),
        reason: reason.unwrap_or_else(|| "it was not folded".to_owned()),
    }))
}

/// The organizations that have checkpoints of these names.
pub(crate) async fn tenants_of(worker: &PgPool, names: &[&str]) -> Result<Vec<Uuid>, sqlx::Error> {
    sqlx::query_scalar("select distinct tenant_id from public.checkpoint where projection = any($1) order by tenant_id")
        .bind(names)
        .fetch_all(worker)
        .await
}

/// Measures a rebuild, tells of it and writes it down.
struct Meter<'a> {
    worker: &'a PgPool,
    name: &'a str,
    course_name: &'a str,
    tell: &'a (dyn Fn(Filled) + Send + Sync),
    /// When this run began, and with how many events.
    began: Option<(Instant, i64)>,
    looked: Option<Instant>,
    last: Filled,
}

impl<'a> Meter<'a> {
    fn new(worker: &'a PgPool, name: &'a str, course_name: &'a str, tell: &'a (dyn Fn(Filled) + Send + Sync)) -> Self {
        Self {
            worker,
            name,
            course_name,
            tell,
            began: None,
            looked: None,
            last: Filled::default(),
        }
    }

    async fn measure(&mut self) -> Result<Filled, sqlx::Error> {
        let (total, done) = state::count(self.worker, self.course_name).await?;
        let (began, at_first) = *self.began.get_or_insert((Instant::now(), done));
        let milliseconds = i64::try_from(began.elapsed().as_millis()).unwrap_or(i64::MAX).max(1);
        let per_second = (done - at_first).max(0).saturating_mul(1_000) / milliseconds;
        Ok(Filled {
            total,
            done,
            per_second,
        })
    }

    /// Everything is folded: what was appended after the last look as well.
    fn finish(&mut self) {
        self.last.done = self.last.total;
        (self.tell)(self.last);
    }

    /// False when somebody does not want it any more.
    async fn look(&mut self) -> Result<bool, sqlx::Error> {
        if self.looked.is_some_and(|looked| looked.elapsed() < LOOK_EVERY) {
            return Ok(true);
        }
        self.looked = Some(Instant::now());
        self.last = self.measure().await?;
        (self.tell)(self.last);
        Ok(!state::note(self.worker, self.name, self.last).await?)
    }
}
