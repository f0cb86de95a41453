//! Changing the master key: whatever an older one wraps is wrapped anew.

use sqlx::PgConnection;
use uuid::Uuid;

use super::keyring::Keyring;
use super::open::OpenError;
use super::table::KeyRow;

/// What one page of a rotation did.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Rotated {
    /// Keys that are under the newest master key now.
    pub rewrapped: u64,
    /// Whether there may be more.
    pub more: bool,
}

/// Wraps up to `limit` of the organization's keys anew. Done again it changes nothing.
///
/// # Errors
/// When a master key is missing that still wraps something; nothing of the page is changed then.
pub async fn rotate_page_in_op(
    conn: &mut PgConnection,
    tenant: Uuid,
    keys: &Keyring,
    limit: i64,
) -> Result<Rotated, OpenError> {
    let rows = sqlx::query(
        "select subject_id, purpose, wrapped, master_key_id, retain_until from public.subject_key
         where tenant_id = $1 and master_key_id <> $2 and wrapped is not null
         order by subject_id limit $3 for update",
    )
    .bind(tenant)
    .bind(keys.newest())
    .bind(limit)
    .fetch_all(&mut *conn)
    .await?;
    let (mut ids, mut wrapped) = (Vec::with_capacity(rows.len()), Vec::with_capacity(rows.len()));
    for row in &rows {
        let row = KeyRow::read(row)?;
        let Some(key) = row.key(keys, tenant)? else { continue };
        ids.push(row.subject.id);
        wrapped.push(keys.wrap(tenant, &row.subject, &key));
    }
    let done = sqlx::query(
        "update public.subject_key known set wrapped = new.wrapped, master_key_id = $4
         from unnest($2::uuid[], $3::bytea[]) as new (subject_id, wrapped)
         where known.tenant_id = $1 and known.subject_id = new.subject_id",
    )
    .bind(tenant)
    .bind(ids)
    .bind(wrapped)
    .bind(keys.newest())
    .execute(conn)
    .await?;
    Ok(Rotated {
        rewrapped: done.rows_affected(),
        more: rows.len() as u64 == limit.unsigned_abs(),
    })
}
