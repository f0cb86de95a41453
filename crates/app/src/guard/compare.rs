//! Comparing the guards of one organization with its log. Events and guards are read in one snapshot, so that a busy
//! house gives no false alarm; what came before that snapshot is read ahead, page by page, so that it stays short.

use super::{Guards, Rows, shadow::wanted, table::Table};
use crate::{App, UseCaseError, clock};
use jiff::Timestamp;
use serde_json::Value;
use sqlx::{AssertSqlSafe, PgConnection, PgPool, Row};
use std::fmt;
use uuid::Uuid;

/// Differences that are told of one table; where there are more, these are enough to act on.
const MOST_TOLD: i64 = 100;

/// What a row has to do with the log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Found {
    /// The log calls for it and it is not there.
    Missing,
    /// It is there and the log knows nothing of it.
    Unexpected,
    /// It is not what the log says.
    Different,
}

/// One row that is not what the log says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    pub table: &'static str,
    /// `column=value` of its key.
    pub key: String,
    pub found: Found,
    /// Column, what stands there, what the log says.
    pub columns: Vec<(String, String, String)>,
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}: ", self.table, self.key)?;
        match self.found {
            Found::Missing => f.write_str("the log calls for this row and it is missing"),
            Found::Unexpected => f.write_str("the log knows nothing of this row"),
            Found::Different => {
                for (index, (column, live, log)) in self.columns.iter().enumerate() {
                    let comma = if index > 0 { "; " } else { "" };
                    write!(f, "{comma}{column} is {live}, the log says {log}")?;
                }
                Ok(())
            }
        }
    }
}

/// What comparing came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Agreement {
    pub tables: usize,
    /// Rows that the log calls for.
    pub rows: usize,
    /// The position up to which the log was read.
    pub position: i64,
    pub differences: Vec<Difference>,
}

/// Compares every guard table of an organization, or one, with what its log calls for.
///
/// # Errors
/// When the database fails or an event cannot be read.
pub async fn compare(app: &App, tenant: Uuid, only: Option<&str>) -> Result<Agreement, UseCaseError> {
    let mut guards = read_ahead(app, &app.pool, tenant).await?;
    let mut tx = app.pool.begin().await?;
    sqlx::query("set transaction isolation level repeatable read")
        .execute(&mut *tx)
        .await?;
    coterie_eventlog::set_tenant_in_op(&mut tx, tenant).await?;
    let tables = wanted(only);
    let rows = lay_out_in_op(app, &mut tx, &mut guards, &tables).await?;
    let mut differences = Vec::new();
    for table in &tables {
        differences.extend(differences_in_op(&mut tx, tenant, table).await?);
    }
    tx.rollback().await?;
    Ok(Agreement {
        tables: tables.len(),
        rows: rows.count(),
        position: guards.position,
        differences,
    })
}

/// Folds what there is by now, a page and a transaction at a time.
pub(super) async fn read_ahead(app: &App, pool: &PgPool, tenant: Uuid) -> Result<Guards, UseCaseError> {
    let mut guards = Guards::new(tenant, app.config.secret.clone());
    loop {
        let mut tx = pool.begin().await?;
        coterie_eventlog::set_tenant_in_op(&mut tx, tenant).await?;
        let head = coterie_eventlog::head(&mut tx, tenant)
            .await?
            .map_or(0, |head| head.position);
        let read = guards.read_page_in_op(app, &mut tx, head).await?;
        tx.commit().await?;
        if !read {
            return Ok(guards);
        }
    }
}

/// Reads on to the head as this transaction sees it, and lays the rows out beside the live ones.
pub(super) async fn lay_out_in_op(
    app: &App,
    conn: &mut PgConnection,
    guards: &mut Guards,
    tables: &[&'static Table],
) -> Result<Rows, UseCaseError> {
    let tenant = guards.tenant;
    let head = coterie_eventlog::head(&mut *conn, tenant)
        .await?
        .map_or(0, |head| head.position);
    guards.read_in_op(app, &mut *conn, head).await?;
    let retries: Vec<(Uuid, jiff_sqlx::Timestamp)> =
        sqlx::query_as("select subject_id, due_at from public.alarm where tenant_id = $1 and kind = $2")
            .bind(tenant)
            .bind(crate::alarm::Kind::RetryPayment.name())
            .fetch_all(&mut *conn)
            .await?;
    let retries: Vec<_> = retries.into_iter().map(|(id, due)| (id, due.to_jiff())).collect();
    guards.alarms.settle_retries(&retries);
    // Rows under ids that only the other system's list has are taken at their word, where the log knows what they became.
    let imported: Vec<(String, String, Uuid)> =
        sqlx::query_as("select kind, external_id, id from public.import_key where tenant_id = $1")
            .bind(tenant)
            .fetch_all(&mut *conn)
            .await?;
    guards.members.settle_imports(&imported);
    let now = clock_in_op(&mut *conn, tenant).await?;
    let mut rows = guards.rows(now)?;
    for (kind, external_id, id) in imported {
        if guards.members.may_be_imported(&kind, id) {
            rows.allow(
                "import_key",
                &serde_json::json!({ "kind": kind, "external_id": external_id, "id": id }),
            );
        }
    }
    let rows = rows.checked()?;
    rows.lay_out_in_op(conn, tables).await?;
    Ok(rows)
}

/// The organization's clock. Read after the snapshot was taken, so that whatever was fired by then was due by it.
async fn clock_in_op(conn: &mut PgConnection, tenant: Uuid) -> Result<Timestamp, UseCaseError> {
    let clock: Option<Option<jiff_sqlx::Timestamp>> =
        sqlx::query_scalar("select clock_now from public.organization where tenant_id = $1")
            .bind(tenant)
            .fetch_optional(conn)
            .await?;
    Ok(clock
        .flatten()
        .map_or_else(clock::wall_now, jiff_sqlx::Timestamp::to_jiff))
}

/// The rows of one table that are not what the log says.
pub(super) async fn differences_in_op(
    conn: &mut PgConnection,
    tenant: Uuid,
    table: &'static Table,
) -> Result<Vec<Difference>, UseCaseError> {
    let query = format!(
        "select to_jsonb(l) as live, to_jsonb(s) as log
         from (select * from {} where tenant_id = $1) l full join shadow_{} s on {}
         where s.tenant_id is null or (l.tenant_id is null and s.must)
            or (l.tenant_id is not null and {})
         order by 1, 2 limit $2",
        table.qualified,
        table.name,
        table.same_key(),
        table.differs()
    );
    let found = sqlx::query(AssertSqlSafe(query))
        .persistent(false)
        .bind(tenant)
        .bind(MOST_TOLD)
        .fetch_all(conn)
        .await?;
    found
        .iter()
        .map(|row| {
            let (live, log): (Option<Value>, Option<Value>) = (row.try_get("live")?, row.try_get("log")?);
            Ok(difference(table, live.as_ref(), log.as_ref()))
        })
        .collect()
}

fn difference(table: &'static Table, live: Option<&Value>, log: Option<&Value>) -> Difference {
    let text = |row: &Value, column: &str| match &row[column] {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    let named = live.or(log).unwrap_or(&Value::Null);
    let key: Vec<String> = table
        .key
        .iter()
        .map(|column| format!("{column}={}", text(named, column)))
        .collect();
    let (found, columns) = match (live, log) {
        (None, _) => (Found::Missing, Vec::new()),
        (_, None) => (Found::Unexpected, Vec::new()),
        (Some(live), Some(log)) => {
            let differing = table.known.iter().filter(|column| live[**column] != log[**column]);
            let told = differing.map(|column| ((*column).to_owned(), text(live, column), text(log, column)));
            (Found::Different, told.collect())
        }
    };
    Difference {
        table: table.name,
        key: key.join(" "),
        found,
        columns,
    }
}
