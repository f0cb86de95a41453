//! A course along the log: which follower, under which name its checkpoints stand, into which schema it writes, and how
//! far it goes. Live following, a rebuild and a comparison are the same work on different courses.

use sqlx::{PgConnection, PgPool, Postgres, Transaction};

use crate::follow::Follower;
use crate::lease::Shards;

/// The class of the advisory locks that close a course; the second key is the name's hash.
const FENCE: i32 = 0x636f_7465;

/// What is followed, and how.
#[derive(Clone, Copy)]
pub(crate) struct Course<'f> {
    pub(crate) follower: &'f dyn Follower,
    /// The name of the checkpoints.
    pub(crate) name: &'f str,
    /// Where unqualified tables are looked for first.
    pub(crate) schema: Option<&'f str>,
    /// Never past the checkpoints of this name; to the head without one.
    pub(crate) behind: Option<&'f str>,
    pub(crate) shards: Shards,
    /// The most events of one organization at a time.
    pub(crate) batch: i64,
}

impl<'f> Course<'f> {
    /// The follower's own: its checkpoints, its tables, every organization, to the head.
    pub(crate) fn live(follower: &'f dyn Follower, batch: i64) -> Self {
        Self {
            follower,
            name: follower.name(),
            schema: None,
            behind: None,
            shards: Shards::ALL,
            batch,
        }
    }

    /// Beside the live one: checkpoints of another name, tables in another schema.
    pub(crate) fn shadow(follower: &'f dyn Follower, name: &'f str, schema: &'f str, batch: i64) -> Self {
        Self {
            name,
            schema: Some(schema),
            ..Self::live(follower, batch)
        }
    }

    pub(crate) fn within(self, shards: Shards) -> Self {
        Self { shards, ..self }
    }

    /// Never past the checkpoints of this name.
    pub(crate) fn never_past(self, name: &'f str) -> Self {
        Self {
            behind: Some(name),
            ..self
        }
    }

    /// A transaction that writes along this course; `None` while the course is closed.
    ///
    /// Who falls silent inside it for five seconds is thrown out, so that the checkpoints that it has locked are free for
    /// another worker.
    pub(crate) async fn begin(&self, pool: &PgPool) -> Result<Option<Transaction<'static, Postgres>>, sqlx::Error> {
        let mut tx = pool.begin().await?;
        let open: bool = sqlx::query_scalar(
            "select set_config('idle_in_transaction_session_timeout', '5s', true) is not null
                and set_config('search_path', coalesce(quote_ident($3) || ', public', current_setting('search_path')), true) is not null
                and pg_try_advisory_xact_lock_shared($1, hashtext($2))",
        )
        .bind(FENCE)
        .bind(self.name)
        .bind(self.schema)
        .fetch_one(&mut *tx)
        .await?;
        if open {
            return Ok(Some(tx));
        }
        tx.rollback().await?;
        Ok(None)
    }
}

/// Closes the course of this name until the end of the transaction: waits for those who write along it, and nobody
/// begins meanwhile.
pub(crate) async fn close_in_op(conn: &mut PgConnection, name: &str) -> Result<(), sqlx::Error> {
    sqlx::query("select pg_advisory_xact_lock($1, hashtext($2))")
        .bind(FENCE)
        .bind(name)
        .execute(conn)
        .await?;
    Ok(())
}
