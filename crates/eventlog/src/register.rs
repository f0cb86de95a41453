//! Registering a follower: the moment that "from now on" means.

use sqlx::{PgPool, Row};
use uuid::Uuid;

use crate::checkpoint::create_in_op;
use crate::follow::{Follower, StartAt};
use crate::tenant::set_tenant_in_op;

/// Registers a follower once and for all; true when this call did it. Needs the worker role.
///
/// For [`StartAt::Head`] it writes, in one transaction with the registration, a checkpoint at the current head of every
/// organization there is. An organization that appears later has no checkpoint and starts at 0, which is right: all its
/// events happened after the follower was there. A second worker that registers at the same moment waits for the first.
pub async fn register(pool: &PgPool, follower: &dyn Follower) -> Result<bool, sqlx::Error> {
    let name = follower.name();
    let known: bool = sqlx::query_scalar("select exists (select from installation.follower where name = $1)")
        .bind(name)
        .fetch_one(pool)
        .await?;
    if known {
        return Ok(false);
    }
    let mut tx = pool.begin().await?;
    let start_at = match follower.start_at() {
        StartAt::Beginning => "beginning",
        StartAt::Head => "head",
    };
    let inserted =
        sqlx::query("insert into installation.follower (name, start_at) values ($1, $2) on conflict (name) do nothing")
            .bind(name)
            .bind(start_at)
            .execute(&mut *tx)
            .await?;
    if inserted.rows_affected() == 0 {
        tx.rollback().await?;
        return Ok(false);
    }
    if follower.start_at() == StartAt::Head {
        let heads = sqlx::query("select tenant_id, position from public.event_head order by tenant_id")
            .fetch_all(&mut *tx)
            .await?;
        for head in heads {
            let tenant: Uuid = head.try_get("tenant_id")?;
            set_tenant_in_op(&mut tx, tenant).await?;
            create_in_op(&mut tx, tenant, name, head.try_get("position")?).await?;
        }
    }
    tx.commit().await?;
    Ok(true)
}
