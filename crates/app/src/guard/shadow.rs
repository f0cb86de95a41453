//! The rows that the log asks for, put beside the live ones in temporary tables that end with the transaction.

use super::table::{ALL, Table};
use crate::UseCaseError;
use serde::Serialize;
use serde_json::{Map, Value};
use sqlx::{AssertSqlSafe, PgConnection};
use std::collections::BTreeMap;
use uuid::Uuid;

/// Rows that go into a temporary table at once.
const CHUNK: usize = 1_000;

/// What every guard table should hold, as JSON by column.
pub(super) struct Rows {
    tenant: Uuid,
    tables: BTreeMap<&'static str, Vec<Value>>,
    failed: Option<serde_json::Error>,
}

impl Rows {
    pub fn new(tenant: Uuid) -> Self {
        Self {
            tenant,
            tables: BTreeMap::new(),
            failed: None,
        }
    }

    /// A row that has to be there.
    pub fn push(&mut self, table: &'static str, row: &impl Serialize) {
        self.add(table, row, true);
    }

    /// A row that may be there or not, and where it is, has to be this one.
    pub fn allow(&mut self, table: &'static str, row: &impl Serialize) {
        self.add(table, row, false);
    }

    fn add(&mut self, table: &'static str, row: &impl Serialize, must: bool) {
        let mut row: Map<String, Value> = match serde_json::to_value(row) {
            Ok(Value::Object(row)) => row,
            Ok(_) => Map::new(),
            Err(error) => {
                self.failed = Some(error);
                return;
            }
        };
        row.insert("tenant_id".to_owned(), self.tenant.to_string().into());
        row.insert("must".to_owned(), must.into());
        self.tables.entry(table).or_default().push(row.into());
    }

    /// The rows, if all of them could be written down.
    pub fn checked(self) -> Result<Self, UseCaseError> {
        match self.failed {
            Some(error) => Err(UseCaseError::Broken(format!("a guard's row: {error}"))),
            None => Ok(self),
        }
    }

    /// How many rows have to be there.
    pub fn count(&self) -> usize {
        self.tables.values().flatten().filter(|row| row["must"] == true).count()
    }

    /// Fills a temporary table for each guard table: its columns, and `must`.
    pub async fn lay_out_in_op(&self, conn: &mut PgConnection, wanted: &[&'static Table]) -> Result<(), UseCaseError> {
        for table in wanted {
            let create = format!(
                "create temporary table shadow_{} (like {}, must boolean not null) on commit drop",
                table.name, table.qualified
            );
            sqlx::raw_sql(AssertSqlSafe(create)).execute(&mut *conn).await?;
            let fill = format!(
                "insert into shadow_{0} select * from json_populate_recordset(null::shadow_{0}, $1::json)",
                table.name
            );
            let rows = self.tables.get(table.name).map_or(&[][..], Vec::as_slice);
            for chunk in rows.chunks(CHUNK) {
                let chunk = serde_json::to_string(chunk)
                    .map_err(|error| UseCaseError::Broken(format!("a guard's rows: {error}")))?;
                // No plan is kept: the next organization's temporary table is another one.
                sqlx::query(AssertSqlSafe(fill.clone()))
                    .persistent(false)
                    .bind(chunk)
                    .execute(&mut *conn)
                    .await?;
            }
        }
        Ok(())
    }
}

/// The tables with this name, or all.
pub(super) fn wanted(only: Option<&str>) -> Vec<&'static Table> {
    ALL.iter()
        .filter(|table| only.is_none_or(|only| table.name == only))
        .collect()
}
