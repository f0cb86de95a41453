//! Which organization a transaction speaks for.

use sqlx::{AssertSqlSafe, PgConnection, PgPool, Postgres, Transaction};
use uuid::Uuid;

/// Opens a transaction that speaks for an organization: what [`set_tenant_in_op`] does, in the round trip that begins it.
pub async fn begin(pool: &PgPool, tenant: Uuid) -> Result<Transaction<'static, Postgres>, sqlx::Error> {
    // What begins a transaction takes no parameters; an id is written with hexadecimal digits and hyphens alone.
    let statement = format!("begin; select set_config('app.tenant', '{tenant}', true)");
    pool.begin_with(AssertSqlSafe(statement)).await
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
