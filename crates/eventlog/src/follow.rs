//! Following the log: what a follower is, and one round of following.
//!
//! A round asks once who is behind, reads the next events of many organizations in one query, and writes page by page:
//! each organization's rows and its checkpoint in one transaction, several quiet organizations in the same one. The next
//! page is read while this one is written, and who is far behind comes again with further pages. When a page fails, its
//! organizations are served one by one, so that one organization's trouble stays its own.

use std::future::Future;
use std::pin::Pin;

use sqlx::{PgConnection, PgPool};
use tokio::task::JoinHandle;
use uuid::Uuid;

use crate::checkpoint::{advance_in_op, lock_in_op, park, put_last};
use crate::course::Course;
use crate::event::RecordedEvent;
use crate::lease::Shards;
use crate::paging::{Behind, Page, behind, fetch, pages};
use crate::read::read_tenant;
use crate::register::register;

/// A boxed future, as an object-safe asynchronous method returns it (the same type as `futures::future::BoxFuture`).
pub type BoxFuture<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// Where a follower begins with the organizations that exist when it is first seen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StartAt {
    /// At the first event: read models.
    Beginning,
    /// After the last event: reactions, which must not do again what was done before they existed.
    Head,
}

/// Something that reads the log and writes what follows from it.
pub trait Follower: Send + Sync {
    /// The stable name of its checkpoints.
    fn name(&self) -> &'static str;

    /// Where it begins; looked at only once, see [`register`].
    fn start_at(&self) -> StartAt;

    /// Handles consecutive events of one organization, in position order and never none, inside the transaction that
    /// also moves the checkpoint. The tenant is set on `conn`. The transaction may be rolled back and the events come
    /// again, so whatever is done must be done on `conn`. Tables that a rebuild fills must be named without a schema.
    /// Data that can never be handled must come back as [`FollowError::Poison`]; a database error is tried again for ever.
    fn handle<'a>(
        &'a self,
        conn: &'a mut PgConnection,
        tenant: Uuid,
        batch: &'a [RecordedEvent],
    ) -> BoxFuture<'a, Result<(), FollowError>>;
}

/// Why a batch was not handled.
#[derive(Debug, thiserror::Error)]
pub enum FollowError {
    /// This event can never be handled as things are: the organization's projection is parked there.
    #[error("event {position} cannot be handled: {reason}")]
    Poison {
        /// The event's position.
        position: i64,
        /// What is wrong with it, for whoever repairs it.
        reason: String,
    },
    /// Something that may pass: rolled back and tried again in a later round.
    #[error("handling events failed in the database")]
    Database(#[from] sqlx::Error),
}

/// What one round did.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Progress {
    /// Organizations that moved forward.
    pub tenants: u64,
    /// Events handled.
    pub events: u64,
    /// Organizations parked in this round.
    pub parked: u64,
    /// Organizations whose turn failed in the database and comes again.
    pub failed: u64,
}

/// One round over every organization; see [`follow_shards`].
///
/// # Errors
/// As [`follow_shards`].
pub async fn follow_once(pool: &PgPool, follower: &dyn Follower, batch: i64) -> Result<Progress, sqlx::Error> {
    follow_shards(pool, follower, batch, Shards::ALL).await
}

/// One round: up to 1,000 organizations of these shards that are behind, longest unserved first, at most `batch` events
/// of each in one transaction; further ones of those that are far behind, up to some 20,000 events in all.
///
/// `pool` must connect as the worker role, which may see every head and checkpoint but writes as one tenant at a time.
/// An organization that another worker is serving is skipped. A poison event parks its organization's projection after
/// the events before it were handled, and the others go on; so do they after one organization's database error.
///
/// # Errors
/// The round itself could not go on.
pub async fn follow_shards(
    pool: &PgPool,
    follower: &dyn Follower,
    batch: i64,
    shards: Shards,
) -> Result<Progress, sqlx::Error> {
    if follower.start_at() == StartAt::Head {
        register(pool, follower).await?;
    }
    round(pool, &Course::live(follower, batch).within(shards)).await
}

/// One round along a course.
pub(crate) async fn round(pool: &PgPool, course: &Course<'_>) -> Result<Progress, sqlx::Error> {
    let mut progress = Progress::default();
    let behind = behind(pool, course).await?;
    let new: Vec<Uuid> = behind.iter().filter(|one| one.is_new).map(|one| one.tenant).collect();
    if !new.is_empty() && !create_checkpoints(pool, course, new).await? {
        return Ok(progress);
    }
    let mut pages = pages(behind, course.batch).into_iter();
    let mut ahead = pages.next().map(|wanted| read_ahead(pool, wanted));
    while let Some(reading) = ahead {
        let page = reading
            .await
            .map_err(|error| sqlx::Error::Io(std::io::Error::other(error)))??;
        ahead = pages.next().map(|wanted| read_ahead(pool, wanted));
        write(pool, course, page, &mut progress).await?;
    }
    Ok(progress)
}

/// On a task of its own, so that parsing here does not keep the next page from coming in, and so that it runs to its end
/// when this round does not.
fn read_ahead(pool: &PgPool, wanted: Vec<Behind>) -> JoinHandle<Result<Page, sqlx::Error>> {
    tokio::spawn(fetch(pool.clone(), wanted))
}

/// In a transaction of its own, so that two workers that meet a new organization wait only for this insert. False when
/// the course is closed at the moment.
async fn create_checkpoints(pool: &PgPool, course: &Course<'_>, tenants: Vec<Uuid>) -> Result<bool, sqlx::Error> {
    let Some(mut tx) = course.begin(pool).await? else {
        return Ok(false);
    };
    sqlx::query("select public.create_checkpoints($1, $2)")
        .bind(course.name)
        .bind(tenants)
        .execute(&mut *tx)
        .await?;
    tx.commit().await?;
    Ok(true)
}

/// Writes a page, all at once or, when that fails, organization by organization.
async fn write(pool: &PgPool, course: &Course<'_>, page: Page, progress: &mut Progress) -> Result<(), sqlx::Error> {
    match write_at_once(pool, course, &page).await {
        Ok((tenants, events)) => {
            progress.tenants += tenants;
            progress.events += events;
            Ok(())
        }
        Err(error) => {
            tracing::debug!(projection = course.name, %error, "a page failed and is served organization by organization");
            for part in &page.parts {
                serve(pool, course, &part.wanted, progress).await?;
            }
            Ok(())
        }
    }
}

async fn write_at_once(pool: &PgPool, course: &Course<'_>, page: &Page) -> Result<(u64, u64), FollowError> {
    let Some(mut tx) = course.begin(pool).await? else {
        return Ok((0, 0));
    };
    match write_in_op(&mut tx, course, page).await {
        Ok(written) => {
            tx.commit().await?;
            Ok(written)
        }
        Err(error) => {
            // Now, and not when the connection comes to it: who serves these organizations next must find them unlocked.
            tx.rollback().await?;
            Err(error)
        }
    }
}

async fn write_in_op(conn: &mut PgConnection, course: &Course<'_>, page: &Page) -> Result<(u64, u64), FollowError> {
    let (mut tenants, mut events) = (0, 0);
    for part in &page.parts {
        let Some(last) = part.events.last() else { continue };
        let tenant = part.wanted.tenant;
        // What was read ahead counts only if nobody moved the checkpoint meanwhile.
        if lock_in_op(conn, tenant, course.name).await? != Some(part.wanted.after) {
            continue;
        }
        course.follower.handle(conn, tenant, &part.events).await?;
        advance_in_op(conn, tenant, course.name, last.position).await?;
        tenants += 1;
        events += part.events.len() as u64;
    }
    Ok((tenants, events))
}

/// Serves one organization once, and settles what went wrong with it.
async fn serve(
    pool: &PgPool,
    course: &Course<'_>,
    behind: &Behind,
    progress: &mut Progress,
) -> Result<(), sqlx::Error> {
    let (name, tenant) = (course.name, behind.tenant);
    let mut poison: Option<(i64, String)> = None;
    loop {
        // After a poison the events before it are handled, so that the projection is as fresh as it can be.
        let up_to = poison.as_ref().map_or(behind.goal, |(position, _)| position - 1);
        match step(pool, course, tenant, up_to).await {
            Ok(events) => {
                progress.tenants += u64::from(events > 0);
                progress.events += events;
                break;
            }
            Err(FollowError::Poison { position, reason }) => poison = Some((position, reason)),
            Err(FollowError::Database(error)) => {
                tracing::warn!(projection = name, %tenant, %error, "following failed and will be tried again");
                progress.failed += 1;
                return put_last(pool, tenant, name).await;
            }
        }
    }
    if let Some((position, reason)) = poison
        && park(pool, tenant, name, position, &reason).await?
    {
        tracing::error!(projection = name, %tenant, position, reason, "poison event: the projection is parked");
        progress.parked += 1;
    }
    Ok(())
}

/// One batch in one transaction; the number of events handled, 0 when another worker has the checkpoint.
async fn step(pool: &PgPool, course: &Course<'_>, tenant: Uuid, up_to: i64) -> Result<u64, FollowError> {
    let Some(mut tx) = course.begin(pool).await? else {
        return Ok(0);
    };
    match step_in_op(&mut tx, course, tenant, up_to).await {
        Ok(events) => {
            tx.commit().await?;
            Ok(events)
        }
        Err(error) => {
            tx.rollback().await?;
            Err(error)
        }
    }
}

/// One batch of one organization in the caller's transaction; the number of events handled.
pub(crate) async fn step_in_op(
    conn: &mut PgConnection,
    course: &Course<'_>,
    tenant: Uuid,
    up_to: i64,
) -> Result<u64, FollowError> {
    let Some(position) = lock_in_op(conn, tenant, course.name).await? else {
        return Ok(0);
    };
    let events = read_tenant(conn, tenant, position, Some(up_to), course.batch).await?;
    let (Some(first), Some(last)) = (events.first(), events.last()) else {
        return Ok(0);
    };
    match course.follower.handle(conn, tenant, &events).await {
        Ok(()) => {
            advance_in_op(conn, tenant, course.name, last.position).await?;
            Ok(events.len() as u64)
        }
        // A position outside the batch would park nothing and come back for ever.
        Err(FollowError::Poison { position, reason }) => Err(FollowError::Poison {
            position: position.clamp(first.position, last.position),
            reason,
        }),
        Err(error) => Err(error),
    }
}
