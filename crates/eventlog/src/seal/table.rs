//! `subject_key`: a row for each subject that ever had a key. A destroyed key leaves its row, so that nobody can give the
//! subject a new one.

use std::collections::BTreeMap;

use jiff_sqlx::ToSqlx;
use sqlx::postgres::PgRow;
use sqlx::{PgConnection, Row};
use uuid::Uuid;

use super::cipher::Key;
use super::keyring::{KeyError, Keyring};
use super::{Purpose, Subject};

/// A key as the table has it; `None` when it was destroyed.
pub(super) type Keys = BTreeMap<Uuid, Option<Key>>;

/// A row of the table.
pub(super) struct KeyRow {
    pub(super) subject: Subject,
    pub(super) wrapped: Option<Vec<u8>>,
    pub(super) master: String,
}

impl KeyRow {
    pub(super) fn read(row: &PgRow) -> Result<Self, sqlx::Error> {
        let purpose: String = row.try_get("purpose")?;
        let retain_until: Option<jiff_sqlx::Date> = row.try_get("retain_until")?;
        Ok(Self {
            subject: Subject {
                id: row.try_get("subject_id")?,
                // The table's check allows no other word.
                purpose: Purpose::from_name(&purpose).unwrap_or(Purpose::Person),
                retain_until: retain_until.map(jiff_sqlx::Date::to_jiff),
            },
            wrapped: row.try_get("wrapped")?,
            master: row.try_get("master_key_id")?,
        })
    }
    pub(super) fn key(&self, keys: &Keyring, tenant: Uuid) -> Result<Option<Key>, KeyError> {
        self.wrapped
            .as_ref()
            .map(|wrapped| keys.unwrap(tenant, &self.subject, &self.master, wrapped))
            .transpose()
    }
}

/// Rows for reading: a destruction that commits later may still be overtaken.
pub(super) async fn read(conn: &mut PgConnection, tenant: Uuid, subjects: &[Uuid]) -> Result<Vec<KeyRow>, sqlx::Error> {
    let rows = sqlx::query(
        "select subject_id, purpose, wrapped, master_key_id, retain_until from public.subject_key
         where tenant_id = $1 and subject_id = any($2)",
    )
    .bind(tenant)
    .bind(subjects)
    .fetch_all(conn)
    .await?;
    rows.iter().map(KeyRow::read).collect()
}

/// Rows for writing: nobody destroys one of them before this transaction ends. In the order of ids, as every lock is taken.
pub(super) async fn hold_in_op(
    conn: &mut PgConnection,
    tenant: Uuid,
    subjects: &[Uuid],
) -> Result<Vec<KeyRow>, sqlx::Error> {
    let rows = sqlx::query(
        "select subject_id, purpose, wrapped, master_key_id, retain_until from public.subject_key
         where tenant_id = $1 and subject_id = any($2) order by subject_id for share",
    )
    .bind(tenant)
    .bind(subjects)
    .fetch_all(conn)
    .await?;
    rows.iter().map(KeyRow::read).collect()
}

/// Draws keys for subjects that have none. Where somebody else was faster, hers stands.
pub(super) async fn create_in_op(
    conn: &mut PgConnection,
    tenant: Uuid,
    keys: &Keyring,
    subjects: &[Subject],
) -> Result<(), sqlx::Error> {
    let ids: Vec<Uuid> = subjects.iter().map(|subject| subject.id).collect();
    let purposes: Vec<&str> = subjects.iter().map(|subject| subject.purpose.name()).collect();
    let wrapped: Vec<Vec<u8>> = subjects
        .iter()
        .map(|subject| keys.wrap(tenant, subject, &Key::draw()))
        .collect();
    let until: Vec<Option<jiff_sqlx::Date>> = subjects
        .iter()
        .map(|subject| subject.retain_until.map(ToSqlx::to_sqlx))
        .collect();
    sqlx::query(
        "insert into public.subject_key (tenant_id, subject_id, purpose, wrapped, master_key_id, retain_until)
         select $1, new.subject_id, new.purpose, new.wrapped, $5, new.retain_until
         from unnest($2::uuid[], $3::text[], $4::bytea[], $6::date[]) as new (subject_id, purpose, wrapped, retain_until)
         order by new.subject_id
         on conflict do nothing",
    )
    .bind(tenant)
    .bind(ids)
    .bind(purposes)
    .bind(wrapped)
    .bind(keys.newest())
    .bind(until)
    .execute(conn)
    .await?;
    Ok(())
}
