//! Following the log: every organization in turn, from its checkpoint, rows and checkpoint in one transaction.

use std::future::Future;
use std::pin::Pin;

use sqlx::{PgConnection, PgPool, Row};
use uuid::Uuid;

use crate::checkpoint::{advance_in_op, create_in_op, lock_in_op, park, put_last};
use crate::event::RecordedEvent;
use crate::read::read_tenant;
use crate::register::register;
use crate::tenant::set_tenant_in_op;

/// The most organizations that one [`follow_once`] serves.
const TENANTS_PER_ROUND: i64 = 100;

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
    /// also moves the checkpoint. The tenant is set on `conn`. Data that can never be handled must come back as
    /// [`FollowError::Poison`]; a database error is tried again for ever.
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

/// One round: up to 100 organizations that are behind, longest unserved first, at most `batch` events each.
///
/// `pool` must connect as the worker role, which may see every head and checkpoint but writes as one tenant at a time.
/// An organization that another worker is serving is skipped. A poison event parks its organization's projection after
/// the events before it were handled, and the others go on; so do they after one organization's database error. The
/// error that this returns means that the round itself could not go on.
pub async fn follow_once(pool: &PgPool, follower: &dyn Follower, batch: i64) -> Result<Progress, sqlx::Error> {
    if follower.start_at() == StartAt::Head {
        register(pool, follower).await?;
    }
    let name = follower.name();
    let mut progress = Progress::default();
    for behind in tenants_behind(pool, name).await? {
        if !behind.has_checkpoint {
            create_checkpoint(pool, behind.tenant, name).await?;
        }
        serve(pool, follower, behind.tenant, batch, &mut progress).await?;
    }
    Ok(progress)
}

struct Behind {
    tenant: Uuid,
    has_checkpoint: bool,
}

async fn tenants_behind(pool: &PgPool, name: &str) -> Result<Vec<Behind>, sqlx::Error> {
    let rows = sqlx::query(
        "select h.tenant_id, c.tenant_id is not null as has_checkpoint
         from public.event_head h
         left join public.checkpoint c on c.tenant_id = h.tenant_id and c.projection = $1
         where c.parked_at is null and h.position > coalesce(c.position, 0)
         order by c.served_at nulls first, h.tenant_id
         limit $2",
    )
    .bind(name)
    .bind(TENANTS_PER_ROUND)
    .fetch_all(pool)
    .await?;
    rows.iter()
        .map(|row| {
            Ok(Behind {
                tenant: row.try_get("tenant_id")?,
                has_checkpoint: row.try_get("has_checkpoint")?,
            })
        })
        .collect()
}

/// In a transaction of its own, so that two workers that meet a new organization wait only for this insert.
async fn create_checkpoint(pool: &PgPool, tenant: Uuid, name: &str) -> Result<(), sqlx::Error> {
    let mut tx = pool.begin().await?;
    set_tenant_in_op(&mut tx, tenant).await?;
    create_in_op(&mut tx, tenant, name, 0).await?;
    tx.commit().await
}

/// Serves one organization once, and settles what went wrong with it.
async fn serve(
    pool: &PgPool,
    follower: &dyn Follower,
    tenant: Uuid,
    batch: i64,
    progress: &mut Progress,
) -> Result<(), sqlx::Error> {
    let name = follower.name();
    let mut poison: Option<(i64, String)> = None;
    loop {
        // After a poison the events before it are handled, so that the projection is as fresh as it can be.
        let up_to = poison.as_ref().map(|(position, _)| position - 1);
        match step(pool, follower, tenant, batch, up_to).await {
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
async fn step(
    pool: &PgPool,
    follower: &dyn Follower,
    tenant: Uuid,
    batch: i64,
    up_to: Option<i64>,
) -> Result<u64, FollowError> {
    let mut tx = pool.begin().await?;
    set_tenant_in_op(&mut tx, tenant).await?;
    let Some(position) = lock_in_op(&mut tx, tenant, follower.name()).await? else {
        tx.rollback().await?;
        return Ok(0);
    };
    let events = read_tenant(&mut tx, tenant, position, up_to, batch).await?;
    let (Some(first), Some(last)) = (events.first(), events.last()) else {
        tx.rollback().await?;
        return Ok(0);
    };
    match follower.handle(&mut tx, tenant, &events).await {
        Ok(()) => {
            advance_in_op(&mut tx, tenant, follower.name(), last.position).await?;
            tx.commit().await?;
            Ok(events.len() as u64)
        }
        Err(error) => {
            tx.rollback().await?;
            Err(match error {
                // A position outside the batch would park nothing and come back for ever.
                FollowError::Poison { position, reason } => FollowError::Poison {
                    position: position.clamp(first.position, last.position),
                    reason,
                },
                FollowError::Database(error) => FollowError::Database(error),
            })
        }
    }
}
