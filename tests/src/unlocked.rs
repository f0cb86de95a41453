//! A guard table whose rows nobody can lock: what a test takes away to show that it is the lock that holds.

use crate::Database;
use sqlx::AssertSqlSafe;

/// Puts a view in the table's place that reads the same and that `for update` locks nothing of. `sets` says what a change of a row
/// carries over, such as `ended = new.ended`; a condition of an update is looked at once and not again when it comes to be
/// written, as a careless read before a write would be. Rows cannot be added any more.
///
/// # Panics
/// When the table is not there.
pub async fn unlock(database: &Database, table: &str, key: &str, sets: &str) {
    let sql = format!(
        "alter table {table} rename to {table}_kept;
         create view {table} as with kept as materialized (select * from {table}_kept) select * from kept;
         grant select, update on {table} to coterie_app, coterie_worker;
         create function {table}_changes() returns trigger language plpgsql as $$
         begin
             update public.{table}_kept set {sets} where tenant_id = old.tenant_id and {key} = old.{key};
             return new;
         end $$;
         create trigger changes instead of update on {table} for each row execute function {table}_changes();"
    );
    sqlx::raw_sql(AssertSqlSafe(sql))
        .execute(&database.owner)
        .await
        .expect("the table can be put aside");
}
