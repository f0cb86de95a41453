//! Checkpoints: how far each projection has followed each organization's log.

use std::time::Duration;

use sqlx::{PgConnection, PgPool, Row};
use uuid::Uuid;

use crate::tenant::set_tenant_in_op;

/// How far one projection has followed one organization.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checkpoint {
    /// The last position that is in the projection; 0 = nothing yet.
    pub position: i64,
    /// Why the projection is parked, and at which event, if it is.
    pub parked: Option<(i64, String)>,
}

/// One projection's checkpoint, or `None` before it has seen the organization.
pub async fn checkpoint(conn: &mut PgConnection, tenant: Uuid, name: &str) -> Result<Option<Checkpoint>, sqlx::Error> {
    let row = sqlx::query(
        "select position, parked_position, parked_reason from public.checkpoint
         where tenant_id = $1 and projection = $2",
    )
    .bind(tenant)
    .bind(name)
    .fetch_optional(conn)
    .await?;
    row.map(|row| {
        let parked_position: Option<i64> = row.try_get("parked_position")?;
        let parked_reason: Option<String> = row.try_get("parked_reason")?;
        Ok(Checkpoint {
            position: row.try_get("position")?,
            parked: parked_position.zip(parked_reason),
        })
    })
    .transpose()
}

/// Waits until every named projection of the organization has reached `position`; false when `timeout` passes first,
/// or at once when one of them is parked before it. Polls with a growing pause, starting at 10 ms.
pub async fn wait_for(
    pool: &PgPool,
    tenant: Uuid,
    names: &[&str],
    position: i64,
    timeout: Duration,
) -> Result<bool, sqlx::Error> {
    const LONGEST_PAUSE: Duration = Duration::from_millis(200);
    let polling = async {
        let mut pause = Duration::from_millis(10);
        loop {
            match reached(pool, tenant, names, position).await? {
                Reached::Yes => return Ok(true),
                Reached::Parked => return Ok(false),
                Reached::NotYet => {}
            }
            tokio::time::sleep(pause).await;
            pause = (pause * 3 / 2).min(LONGEST_PAUSE);
        }
    };
    tokio::time::timeout(timeout, polling).await.unwrap_or(Ok(false))
}

enum Reached {
    Yes,
    NotYet,
    Parked,
}

async fn reached(pool: &PgPool, tenant: Uuid, names: &[&str], position: i64) -> Result<Reached, sqlx::Error> {
    let mut tx = pool.begin().await?;
    set_tenant_in_op(&mut tx, tenant).await?;
    let row = sqlx::query(
        "select coalesce(bool_and(coalesce(c.position, 0) >= $3), true) as reached,
                coalesce(bool_or(c.parked_at is not null and c.position < $3), false) as parked
         from unnest($2::text[]) as wanted(projection)
         left join public.checkpoint c on c.tenant_id = $1 and c.projection = wanted.projection",
    )
    .bind(tenant)
    .bind(names)
    .bind(position)
    .fetch_one(&mut *tx)
    .await?;
    tx.commit().await?;
    Ok(match (row.try_get("reached")?, row.try_get("parked")?) {
        (true, _) => Reached::Yes,
        (false, true) => Reached::Parked,
        (false, false) => Reached::NotYet,
    })
}

/// Lets a parked projection of one organization go on from where it stopped, once the cause is repaired. False when it
/// was not parked. Needs the worker role.
pub async fn resume(pool: &PgPool, tenant: Uuid, name: &str) -> Result<bool, sqlx::Error> {
    let mut tx = pool.begin().await?;
    set_tenant_in_op(&mut tx, tenant).await?;
    let done = sqlx::query(
        "update public.checkpoint set parked_at = null, parked_reason = null, parked_position = null
         where tenant_id = $1 and projection = $2 and parked_at is not null",
    )
    .bind(tenant)
    .bind(name)
    .execute(&mut *tx)
    .await?;
    tx.commit().await?;
    Ok(done.rows_affected() == 1)
}

/// Creates the checkpoint at `position` unless there is one.
pub(crate) async fn create_in_op(
    conn: &mut PgConnection,
    tenant: Uuid,
    name: &str,
    position: i64,
) -> Result<(), sqlx::Error> {
    sqlx::query(
        "insert into public.checkpoint (tenant_id, projection, position) values ($1, $2, $3)
         on conflict (tenant_id, projection) do nothing",
    )
    .bind(tenant)
    .bind(name)
    .bind(position)
    .execute(conn)
    .await?;
    Ok(())
}

/// Names the tenant for the rest of the transaction and locks its checkpoint: the position, or `None` when another worker
/// holds it, it is parked or there is none.
pub(crate) async fn lock_in_op(conn: &mut PgConnection, tenant: Uuid, name: &str) -> Result<Option<i64>, sqlx::Error> {
    sqlx::query_scalar("select public.lock_checkpoint($1, $2)")
        .bind(tenant)
        .bind(name)
        .fetch_one(conn)
        .await
}

/// Moves a locked checkpoint forward.
pub(crate) async fn advance_in_op(
    conn: &mut PgConnection,
    tenant: Uuid,
    name: &str,
    position: i64,
) -> Result<(), sqlx::Error> {
    sqlx::query(
        "update public.checkpoint set position = $3, served_at = clock_timestamp()
         where tenant_id = $1 and projection = $2",
    )
    .bind(tenant)
    .bind(name)
    .bind(position)
    .execute(conn)
    .await?;
    Ok(())
}

/// Parks the projection, unless it has moved on in the meantime.
pub(crate) async fn park(
    pool: &PgPool,
    tenant: Uuid,
    name: &str,
    poison: i64,
    reason: &str,
) -> Result<bool, sqlx::Error> {
    let mut tx = pool.begin().await?;
    set_tenant_in_op(&mut tx, tenant).await?;
    let done = sqlx::query(
        "update public.checkpoint
         set parked_at = clock_timestamp(), parked_reason = $4, parked_position = $3
         where tenant_id = $1 and projection = $2 and position < $3 and parked_at is null",
    )
    .bind(tenant)
    .bind(name)
    .bind(poison)
    .bind(reason)
    .execute(&mut *tx)
    .await?;
    tx.commit().await?;
    Ok(done.rows_affected() == 1)
}

/// Sends a tenant whose turn failed to the back of the queue, so that it cannot starve the others.
pub(crate) async fn put_last(pool: &PgPool, tenant: Uuid, name: &str) -> Result<(), sqlx::Error> {
    let mut tx = pool.begin().await?;
    set_tenant_in_op(&mut tx, tenant).await?;
    sqlx::query("update public.checkpoint set served_at = clock_timestamp() where tenant_id = $1 and projection = $2")
        .bind(tenant)
        .bind(name)
        .execute(&mut *tx)
        .await?;
    tx.commit().await
}
