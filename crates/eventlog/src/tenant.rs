//! Which organization a transaction speaks for.

use sqlx::{AssertSqlSafe, PgConnection, PgPool, Postgres, Transaction};
use uuid::Uuid;

/// Opens a transaction that speaks for an organization: what [`set_tenant_in_op`] does, in the round trip that begins it.
pub async fn begin(pool: &PgPool, tenant: Uuid) -> Result<Transaction<'static, Postgres>, sqlx::Error> {
    pool.begin_with(beginning(tenant)).await
}

/// What begins a transaction takes no parameters; an id is written with hexadecimal digits and hyphens alone.
fn beginning(tenant: Uuid) -> AssertSqlSafe<String> {
    AssertSqlSafe(format!("begin; select set_config('app.tenant', '{tenant}', true)"))
}

/// How long a connection that is yet to be made is waited for by whoever can do without.
const FOR_A_NEW_ONE: std::time::Duration = std::time::Duration::from_secs(1);

/// As [`begin`] where a connection is free, or may still be made; `None` where the pool has none to spare. For what may be left
/// undone: whoever asks may hold a connection already, and two who waited for each other's would wait in vain.
pub async fn begin_if_free(pool: &PgPool, tenant: Uuid) -> Result<Option<Transaction<'static, Postgres>>, sqlx::Error> {
    if let Some(tx) = pool.try_begin_with(beginning(tenant)).await? {
        return Ok(Some(tx));
    }
    if pool.size() >= pool.options().get_max_connections() {
        return Ok(None);
    }
    match tokio::time::timeout(FOR_A_NEW_ONE, pool.begin_with(beginning(tenant))).await {
        Ok(begun) => begun.map(Some),
        Err(_) => Ok(None),
    }
}

/// Names the organization for the rest of this transaction; every row-level-security policy reads it.
///
/// The setting is local to the transaction, so a pooled connection never carries it to the next caller. Outside a
/// transaction it is gone as soon as this statement ends, and the following queries see no rows.
pub async fn set_tenant_in_op(conn: &mut PgConnection, tenant: Uuid) -> Result<(), sqlx::Error> {
    sqlx::query("select set_config('app.tenant', $1, true)")
        .bind(tenant.to_string())
        .execute(conn)
        .await?;
    Ok(())
}
