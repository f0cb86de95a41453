//! Destroying a subject's key.

use sqlx::{PgConnection, Row};
use uuid::Uuid;

use super::Purpose;

/// Destroys the key of a subject of this purpose; whoever is writing of it finishes first. `false` when it has none or it
/// is destroyed already.
///
/// PostgreSQL keeps the old row's bytes until it vacuums the table, and a backup keeps them as long as the backup is kept:
/// both are useless without the master key.
pub async fn destroy_in_op(
    conn: &mut PgConnection,
    tenant: Uuid,
    subject: Uuid,
    purpose: Purpose,
) -> Result<bool, sqlx::Error> {
    let done = sqlx::query(
        "update public.subject_key set wrapped = null, destroyed_at = now()
         where tenant_id = $1 and subject_id = $2 and purpose = $3 and destroyed_at is null",
    )
    .bind(tenant)
    .bind(subject)
    .bind(purpose.name())
    .execute(conn)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Leaves the row of a destroyed key for a subject that never had one: nothing was ever sealed of her, and nothing will be.
pub async fn bar_in_op(conn: &mut PgConnection, tenant: Uuid, subject: Uuid) -> Result<(), sqlx::Error> {
    sqlx::query(
        "insert into public.subject_key (tenant_id, subject_id, purpose, wrapped, master_key_id, destroyed_at)
         values ($1, $2, 'person', null, '', now()) on conflict do nothing",
    )
    .bind(tenant)
    .bind(subject)
    .execute(conn)
    .await?;
    Ok(())
}

/// Locks a subject's key for whoever is about to destroy it: those who write of her finish first, others wait.
pub async fn lock_in_op(conn: &mut PgConnection, tenant: Uuid, subject: Uuid) -> Result<(), sqlx::Error> {
    sqlx::query("select subject_id from public.subject_key where tenant_id = $1 and subject_id = $2 for update")
        .bind(tenant)
        .bind(subject)
        .fetch_optional(conn)
        .await?;
    Ok(())
}

/// Whether a subject's key is there (`Some(true)`), was destroyed (`Some(false)`) or never was (`None`).
pub async fn subject_state(conn: &mut PgConnection, tenant: Uuid, subject: Uuid) -> Result<Option<bool>, sqlx::Error> {
    let row = sqlx::query(
        "select destroyed_at is null as lives from public.subject_key where tenant_id = $1 and subject_id = $2",
    )
    .bind(tenant)
    .bind(subject)
    .fetch_optional(conn)
    .await?;
    row.map(|row| row.try_get("lives")).transpose()
}
