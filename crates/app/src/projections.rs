//! The read models there are, by name: the worker follows the log with them, pages wait for those they read.
//!
//! Each table is filled by one `project.rs` beside its noun, in one pass over the events that touch it: rows that an event
//! makes go in together and are left alone when they are there already; changes follow in the order of the log and are
//! skipped by rows that have seen them. So a batch that is handled twice is handled once.

use crate::{
    App, UseCaseError, booking, charge, company, credit_note, error::while_following, invoice, ledger, member,
    membership, pass, payment,
};
use coterie_domain::DomainEvent;
use coterie_eventlog::{
    BoxFuture, FollowError, Follower, RecordedEvent, Seen, StartAt,
    seal::{Keyring, has_sealed},
};
use serde_json::value::RawValue;
use sqlx::PgConnection;
use std::{sync::Arc, time::Duration};
use uuid::Uuid;

pub const PEOPLE: &str = "people";
pub const BOOKINGS: &str = "bookings";
pub const MONEY: &str = "money";
pub const JOURNAL: &str = "journal";
pub const ALL: [&str; 4] = [PEOPLE, BOOKINGS, MONEY, JOURNAL];

/// How long a page waits for its models before it shows what there is.
const PATIENCE: Duration = Duration::from_secs(3);

/// Every projection, for the worker and for rebuilds.
pub fn all(keys: &Keyring) -> Vec<Arc<dyn Follower>> {
    vec![
        Arc::new(Projection {
            name: PEOPLE,
            keys: keys.clone(),
            project: |conn, tenant, batch| Box::pin(people(conn, tenant, batch)),
        }),
        Arc::new(Projection {
            name: BOOKINGS,
            keys: keys.clone(),
            project: |conn, tenant, batch| Box::pin(bookings(conn, tenant, batch)),
        }),
        Arc::new(Projection {
            name: MONEY,
            keys: keys.clone(),
            project: |conn, tenant, batch| Box::pin(money(conn, tenant, batch)),
        }),
        Arc::new(Projection {
            name: JOURNAL,
            keys: keys.clone(),
            project: |conn, tenant, batch| Box::pin(ledger::project_in_op(conn, tenant, batch)),
        }),
    ]
}

/// The tables that a projection fills, for whoever empties or compares them; none for an unknown name.
pub fn tables(name: &str) -> &'static [&'static str] {
    match name {
        PEOPLE => &["member_view", "company_view", "payer_account_view", "membership_view"],
        BOOKINGS => &["booking_view", "pass_view"],
        MONEY => &["payment_view", "invoice_view", "charge_view", "credit_note_view"],
        JOURNAL => &["journal_view", "posting_view"],
        _ => &[],
    }
}

/// Waits, bounded, until the models have seen a position; with no name, asks whether the log goes so far.
///
/// # Errors
/// When the database fails.
pub async fn seen(app: &App, tenant: Uuid, names: &[&str], position: i64) -> Result<Seen, UseCaseError> {
    Ok(coterie_eventlog::wait_until_seen(&app.pool, tenant, names, position, PATIENCE).await?)
}

async fn people(conn: &mut PgConnection, tenant: Uuid, batch: &[RecordedEvent]) -> Result<(), FollowError> {
    member::project_in_op(conn, tenant, batch).await?;
    company::project_in_op(conn, tenant, batch).await?;
    membership::project_in_op(conn, tenant, batch).await
}

async fn bookings(conn: &mut PgConnection, tenant: Uuid, batch: &[RecordedEvent]) -> Result<(), FollowError> {
    booking::project_in_op(conn, tenant, batch).await?;
    pass::project_in_op(conn, tenant, batch).await
}

async fn money(conn: &mut PgConnection, tenant: Uuid, batch: &[RecordedEvent]) -> Result<(), FollowError> {
    charge::project_in_op(conn, tenant, batch).await?;
    credit_note::project_in_op(conn, tenant, batch).await?;
    // An invoice finds out from the payments which events are about it.
    payment::project_in_op(conn, tenant, batch).await?;
    invoice::project_in_op(conn, tenant, batch).await
}

type Project = for<'a> fn(&'a mut PgConnection, Uuid, &'a [RecordedEvent]) -> BoxFuture<'a, Result<(), FollowError>>;

struct Projection {
    name: &'static str,
    keys: Keyring,
    project: Project,
}

impl Projection {
    /// The batch with its sealed leaves opened; `None` when there are none, so that the plain ones cost nothing.
    async fn opened(
        &self,
        conn: &mut PgConnection,
        tenant: Uuid,
        batch: &[RecordedEvent],
    ) -> Result<Option<Vec<RecordedEvent>>, FollowError> {
        if !batch.iter().any(|event| has_sealed(&event.payload)) {
            return Ok(None);
        }
        let mut events = batch.to_vec();
        let first = events.first().map_or(0, |event| event.position);
        self.keys
            .open_in_op(conn, tenant, &mut events)
            .await
            .map_err(|error| while_following(error, first))?;
        Ok(Some(events))
    }
}

impl Follower for Projection {
    fn name(&self) -> &'static str {
        self.name
    }

    fn start_at(&self) -> StartAt {
        StartAt::Beginning
    }

    fn handle<'a>(
        &'a self,
        conn: &'a mut PgConnection,
        tenant: Uuid,
        batch: &'a [RecordedEvent],
    ) -> BoxFuture<'a, Result<(), FollowError>> {
        Box::pin(async move {
            let opened = self.opened(conn, tenant, batch).await?;
            (self.project)(conn, tenant, opened.as_deref().unwrap_or(batch))
                .await
                .map_err(|error| poison_if_for_ever(error, batch))
        })
    }
}

/// What `PostgreSQL` refuses because of the values themselves (class 22, data exception, and 23, constraint) it will refuse
/// for ever. Blaming the last event of the batch makes the follower go up to the one before and so find the first culprit.
fn poison_if_for_ever(error: FollowError, batch: &[RecordedEvent]) -> FollowError {
    let FollowError::Database(database) = error else {
        return error;
    };
    let for_ever = database
        .as_database_error()
        .and_then(sqlx::error::DatabaseError::code)
        .is_some_and(|code| code.starts_with("22") || code.starts_with("23"));
    match batch.last().filter(|_| for_ever) {
        Some(last) => FollowError::Poison {
            position: last.position,
            reason: database.to_string(),
        },
        None => FollowError::Database(database),
    }
}

/// An event as the domain knows it; one that this build cannot read parks the projection.
pub(crate) fn fact<E: DomainEvent>(event: &RecordedEvent) -> Result<E, FollowError> {
    E::decode(&event.event_type, event.event_version, event.plain()).map_err(|error| FollowError::Poison {
        position: event.position,
        reason: error.to_string(),
    })
}

/// An event's payload as it stands in the log, sealed where it is sealed, to be kept as a document.
pub(crate) fn payload(event: &RecordedEvent) -> Result<&RawValue, FollowError> {
    serde_json::from_str(&event.payload).map_err(|error| FollowError::Poison {
        position: event.position,
        reason: error.to_string(),
    })
}

/// Rows as the JSON that `insert_rows!` hands to `PostgreSQL`: every column of the table by its name.
pub(crate) fn as_json<T: serde::Serialize>(rows: &[T]) -> Result<String, FollowError> {
    serde_json::to_string(rows).map_err(|error| FollowError::Database(sqlx::Error::Encode(error.into())))
}

/// Inserts any number of rows in one statement; rows that are there already stay as they are.
macro_rules! insert_rows {
    ($conn:expr, $table:literal, $rows:expr) => {
        if !$rows.is_empty() {
            sqlx::query(concat!(
                "insert into ",
                $table,
                " select * from json_populate_recordset(null::",
                $table,
                ", $1::json) on conflict do nothing"
            ))
            .bind($crate::projections::as_json(&$rows)?)
            .execute(&mut *$conn)
            .await?;
        }
    };
}
pub(crate) use insert_rows;
