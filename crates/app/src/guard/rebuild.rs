//! Writing the guards of one organization anew from its log, in one transaction that holds the log's head: nobody appends
//! meanwhile. Rows that are what the log says are not touched, so what the log does not know of them stays.

use super::{
    Difference,
    compare::{differences_in_op, lay_out_in_op, read_ahead},
    shadow::wanted,
    table::Table,
};
use crate::{App, UseCaseError, trouble};
use sqlx::{AssertSqlSafe, PgConnection, PgPool};
use uuid::Uuid;

/// What was changed.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Mended {
    pub removed: u64,
    pub changed: u64,
    pub added: u64,
    /// What was wrong, the first of each table.
    pub differences: Vec<Difference>,
}

/// Rewrites what differs from the log, in every guard table or one. `owner` is a pool of the role that owns the tables:
/// the application's may not remove most guards.
///
/// # Errors
/// When the database fails or an event cannot be read; nothing is changed then.
pub async fn rebuild(app: &App, owner: &PgPool, tenant: Uuid, only: Option<&str>) -> Result<Mended, UseCaseError> {
    // Use cases take guard rows before the head, this takes the head before guard rows: where the two meet, one is undone
    // by the database and tried again.
    trouble::again(|| rebuild_once(app, owner, tenant, only)).await
}

async fn rebuild_once(app: &App, owner: &PgPool, tenant: Uuid, only: Option<&str>) -> Result<Mended, UseCaseError> {
    let mut guards = read_ahead(app, owner, tenant).await?;
    let mut tx = owner.begin().await?;
    coterie_eventlog::set_tenant_in_op(&mut tx, tenant).await?;
    sqlx::query("select from public.event_head where tenant_id = $1 for update")
        .bind(tenant)
        .execute(&mut *tx)
        .await?;
    let tables = wanted(only);
    lay_out_in_op(app, &mut tx, &mut guards, &tables).await?;
    let mut mended = Mended::default();
    for table in tables {
        mended
            .differences
            .extend(differences_in_op(&mut tx, tenant, table).await?);
        mend_in_op(&mut tx, tenant, table, &mut mended).await?;
    }
    tx.commit().await?;
    Ok(mended)
}

async fn mend_in_op(
    conn: &mut PgConnection,
    tenant: Uuid,
    table: &Table,
    mended: &mut Mended,
) -> Result<(), UseCaseError> {
    let (name, live, key) = (table.name, table.qualified, table.same_key());
    let removed =
        format!("delete from {live} l where l.tenant_id = $1 and not exists (select from shadow_{name} s where {key})");
    mended.removed += run(&mut *conn, removed, tenant).await?;
    if !table.known.is_empty() {
        let sets: Vec<String> = table
            .known
            .iter()
            .map(|column| format!("{column} = s.{column}"))
            .collect();
        let changed = format!(
            "update {live} l set {} from shadow_{name} s where l.tenant_id = $1 and {key} and {}",
            sets.join(", "),
            table.differs()
        );
        mended.changed += run(&mut *conn, changed, tenant).await?;
    }
    let columns = table.columns();
    let added = format!(
        "insert into {live} ({columns}) select {columns} from shadow_{name} s
         where s.tenant_id = $1 and s.must and not exists (select from {live} l where l.tenant_id = s.tenant_id and {key})"
    );
    mended.added += run(conn, added, tenant).await?;
    Ok(())
}

async fn run(conn: &mut PgConnection, statement: String, tenant: Uuid) -> Result<u64, UseCaseError> {
    let done = sqlx::query(AssertSqlSafe(statement))
        .persistent(false)
        .bind(tenant)
        .execute(conn)
        .await?;
    Ok(done.rows_affected())
}
