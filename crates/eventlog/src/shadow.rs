//! Shadow tables: empty twins of tables, in a schema of their own, to be filled from the log and then swapped in, or
//! compared with the live ones row by row and thrown away.
//!
//! Whoever writes to them names its tables unqualified; [`Shadow::enter_in_op`] makes those names mean the twins until the
//! end of the transaction. Everything that must not be shadowed is named with its schema.

use std::collections::BTreeMap;

use serde_json::value::RawValue;
use sqlx::{AssertSqlSafe, PgConnection, Row};
use uuid::Uuid;

/// The twins of some tables of `public`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shadow {
    schema: String,
    tables: Vec<String>,
}

/// One place where a live row is not what the shadow says. Values are JSON, as `row_to_json` writes them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    /// The table.
    pub table: String,
    /// The row's primary key without the organization, as a JSON object.
    pub key: String,
    /// The column; `None` when the whole row is on one side only.
    pub column: Option<String>,
    /// What the live table has there; the whole row without a column, `None` when it is missing.
    pub live: Option<String>,
    /// What the shadow has there; the whole row without a column, `None` when it is missing.
    pub shadow: Option<String>,
}

impl Shadow {
    /// Names twins of `tables` in `schema`, which is `rebuild_...` or `compare_...` in lower case. Makes nothing yet.
    pub fn new(schema: impl Into<String>, tables: &[&str]) -> Self {
        Self {
            schema: schema.into(),
            tables: tables.iter().map(|&table| table.to_owned()).collect(),
        }
    }

    /// The schema that the twins are in.
    pub fn schema(&self) -> &str {
        &self.schema
    }

    /// Makes the twins, empty, with the columns, indexes, policies and grants of the live tables. Those that are there
    /// already stay as they are. Needs the owner of the tables.
    ///
    /// # Errors
    /// When the database refuses, also because of the schema's name.
    pub async fn create(&self, owner: &mut PgConnection) -> Result<(), sqlx::Error> {
        sqlx::query("select installation.make_shadow($1, $2)")
            .bind(&self.schema)
            .bind(&self.tables)
            .execute(owner)
            .await?;
        Ok(())
    }

    /// Whether all twins are there and have the columns of the live tables.
    pub async fn exists(&self, conn: &mut PgConnection) -> Result<bool, sqlx::Error> {
        let exists: Option<bool> = sqlx::query_scalar(
            "select bool_and(live.columns = twin.columns)
             from unnest($2::text[]) as wanted (name)
             cross join lateral (
                 select array_agg(format('%s %s %s', a.attname, a.atttypid, a.attnotnull) order by a.attname) as columns
                 from pg_attribute a
                 where a.attrelid = to_regclass(format('public.%I', wanted.name)) and a.attnum > 0 and not a.attisdropped
             ) live
             cross join lateral (
                 select coalesce(array_agg(format('%s %s %s', a.attname, a.atttypid, a.attnotnull) order by a.attname), '{}') as columns
                 from pg_attribute a
                 where a.attrelid = to_regclass(format('%I.%I', $1, wanted.name)) and a.attnum > 0 and not a.attisdropped
             ) twin",
        )
        .bind(&self.schema)
        .bind(&self.tables)
        .fetch_one(conn)
        .await?;
        Ok(exists.unwrap_or(false))
    }

    /// Throws the twins away with their schema; nothing happens when they are gone. Needs their owner.
    pub async fn drop(&self, owner: &mut PgConnection) -> Result<(), sqlx::Error> {
        sqlx::query("select installation.drop_shadow($1)")
            .bind(&self.schema)
            .execute(owner)
            .await?;
        Ok(())
    }

    /// Lets the planner know what is in the twins. Needs their owner.
    pub async fn analyze(&self, owner: &mut PgConnection) -> Result<(), sqlx::Error> {
        for table in &self.tables {
            let sql = format!("analyze {}.{}", quoted(&self.schema), quoted(table));
            sqlx::query(AssertSqlSafe(sql)).execute(&mut *owner).await?;
        }
        Ok(())
    }

    /// Puts the twins in the place of the live tables, which are dropped. Readers wait until the commit; `lock_timeout`
    /// says how long this waits for them. Needs the owner.
    pub async fn swap_in_op(&self, owner: &mut PgConnection) -> Result<(), sqlx::Error> {
        sqlx::query("select installation.swap_shadow($1, $2)")
            .bind(&self.schema)
            .bind(&self.tables)
            .execute(owner)
            .await?;
        Ok(())
    }

    /// From here to the end of the transaction, an unqualified name means the twin.
    pub async fn enter_in_op(&self, conn: &mut PgConnection) -> Result<(), sqlx::Error> {
        sqlx::query("select set_config('search_path', quote_ident($1) || ', public', true)")
            .bind(&self.schema)
            .execute(conn)
            .await?;
        Ok(())
    }

    /// The first `limit` rows of each table in which the live rows of an organization and the twin's differ, in the order
    /// of their keys; one [`Difference`] for each column. The tenant must be set on `conn`, and whoever writes the live
    /// tables must be kept out meanwhile.
    ///
    /// # Errors
    /// When the database fails; a table without a primary key cannot be compared.
    pub async fn compare_in_op(
        &self,
        conn: &mut PgConnection,
        tenant: Uuid,
        limit: i64,
    ) -> Result<Vec<Difference>, sqlx::Error> {
        let mut differences = Vec::new();
        for table in &self.tables {
            let key = primary_key(conn, table).await?;
            let sql = comparison(&self.schema, table, &key);
            let rows = sqlx::query(AssertSqlSafe(sql))
                .bind(tenant)
                .bind(limit)
                .fetch_all(&mut *conn)
                .await?;
            for row in rows {
                let key: String = row.try_get(0)?;
                let (live, shadow) = (row.try_get(1)?, row.try_get(2)?);
                differences.extend(by_column(table, &key, live, shadow)?);
            }
        }
        Ok(differences)
    }

    /// How many live rows an organization has in these tables.
    pub(crate) async fn count_live_in_op(&self, conn: &mut PgConnection, tenant: Uuid) -> Result<i64, sqlx::Error> {
        let mut rows = 0;
        for table in &self.tables {
            let sql = format!("select count(*) from public.{} where tenant_id = $1", quoted(table));
            let count: i64 = sqlx::query_scalar(AssertSqlSafe(sql))
                .bind(tenant)
                .fetch_one(&mut *conn)
                .await?;
            rows += count;
        }
        Ok(rows)
    }
}

fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

async fn primary_key(conn: &mut PgConnection, table: &str) -> Result<Vec<String>, sqlx::Error> {
    let key: Vec<String> = sqlx::query_scalar(
        "select a.attname::text from pg_index i
         cross join lateral unnest(i.indkey::smallint[]) with ordinality as k (attnum, place)
         join pg_attribute a on a.attrelid = i.indrelid and a.attnum = k.attnum
         where i.indrelid = format('public.%I', $1::text)::regclass and i.indisprimary
         order by k.place",
    )
    .bind(table)
    .fetch_all(conn)
    .await?;
    if key.is_empty() {
        return Err(sqlx::Error::Protocol(format!(
            "the table {table} has no primary key to compare by"
        )));
    }
    Ok(key)
}

/// Rows are compared by their text: `json` has no equality, and its exact text is what counts.
fn comparison(schema: &str, table: &str, key: &[String]) -> String {
    let columns: Vec<String> = key.iter().map(|column| quoted(column)).collect();
    let shown: Vec<String> = key
        .iter()
        .filter(|column| *column != "tenant_id")
        .map(|column| format!("'{}', {}", column.replace('\'', "''"), quoted(column)))
        .collect();
    let (columns, shown) = (columns.join(", "), shown.join(", "));
    let side = |schema: &str| {
        format!(
            "(select {columns}, t::text as whole, row_to_json(t)::text as document from {}.{} t where t.tenant_id = $1)",
            quoted(schema),
            quoted(table)
        )
    };
    format!(
        "select json_build_object({shown})::text, a.document, b.document
         from {} a full join {} b using ({columns})
         where a.whole is distinct from b.whole
         order by {columns} limit $2",
        side("public"),
        side(schema)
    )
}

type Columns = BTreeMap<String, Box<RawValue>>;

fn by_column(
    table: &str,
    key: &str,
    live: Option<String>,
    shadow: Option<String>,
) -> Result<Vec<Difference>, sqlx::Error> {
    let difference = |column, live, shadow| Difference {
        table: table.to_owned(),
        key: key.to_owned(),
        column,
        live,
        shadow,
    };
    let (Some(live), Some(shadow)) = (&live, &shadow) else {
        return Ok(vec![difference(None, live, shadow)]);
    };
    let read = |text: &str| serde_json::from_str::<Columns>(text).map_err(|error| sqlx::Error::Decode(error.into()));
    let (live, mut shadow) = (read(live)?, read(shadow)?);
    let differences = live.into_iter().filter_map(|(column, live)| {
        let shadow = shadow.remove(&column);
        let (live, shadow) = (live.get().to_owned(), shadow.map(|value| value.get().to_owned()));
        (shadow.as_ref() != Some(&live)).then(|| difference(Some(column), Some(live), shadow))
    });
    Ok(differences.collect())
}
