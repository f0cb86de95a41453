//! Which organization a transaction speaks for.

use sqlx::PgConnection;
use uuid::Uuid;

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
