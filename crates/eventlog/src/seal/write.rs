//! Sealing what is about to be appended.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value, value::RawValue};
use sqlx::PgConnection;
use uuid::Uuid;

use super::keyring::{KeyError, Keyring};
use super::leaf::{self, Place};
use super::table::{self, KeyRow, Keys};
use super::{Mark, Subject};

/// An event that is about to be appended, with what is personal in it.
#[derive(Debug)]
pub struct Pending<'a> {
    /// The event's type.
    pub event_type: &'a str,
    /// Its version.
    pub event_version: i16,
    /// Its JSON; sealing puts ciphertexts into it.
    pub payload: &'a mut String,
    /// Which leaves belong to whom; none leaves the payload alone.
    pub marks: &'a [Mark],
}

/// Why nothing was sealed; nothing may be appended then.
#[derive(Debug, thiserror::Error)]
pub enum SealError {
    /// The subject was forgotten: nothing personal is written of it again.
    #[error("subject {0} was forgotten, and nothing personal is written of it again")]
    Forgotten(Uuid),
    /// The subject's key cannot be had.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// A mark points at something that is no text.
    #[error("{event_type} has something other than text at {pointer}, which cannot be sealed")]
    NotText {
        /// The event's type.
        event_type: String,
        /// Where.
        pointer: String,
    },
    /// The payload is no JSON.
    #[error("the payload of {event_type} is no JSON: {source}")]
    Payload {
        /// The event's type.
        event_type: String,
        /// What is wrong with it.
        source: serde_json::Error,
    },
    /// The database failed.
    #[error("asking for keys failed in the database")]
    Database(#[from] sqlx::Error),
}

impl Keyring {
    /// Seals every marked leaf. Keys are asked for in one query; a subject without one gets one. Their rows stay locked
    /// against destruction until the transaction ends, so this comes after every guard and before the append.
    ///
    /// # Errors
    /// [`SealError::Forgotten`] when a subject's key was destroyed; whatever the database says.
    pub async fn seal_in_op(
        &self,
        conn: &mut PgConnection,
        tenant: Uuid,
        pending: &mut [Pending<'_>],
    ) -> Result<(), SealError> {
        let subjects: BTreeMap<Uuid, Subject> = pending
            .iter()
            .flat_map(|event| event.marks)
            .map(|mark| (mark.subject.id, mark.subject))
            .collect();
        if subjects.is_empty() {
            return Ok(());
        }
        let keys = self.keys_to_write(conn, tenant, &subjects).await?;
        for event in pending.iter_mut().filter(|event| !event.marks.is_empty()) {
            seal(tenant, &keys, event)?;
        }
        Ok(())
    }

    /// Keeps a subject from being forgotten until the transaction ends. One without a key gets one.
    ///
    /// # Errors
    /// [`SealError::Forgotten`] when her key was destroyed; whatever the database says.
    pub async fn hold_in_op(&self, conn: &mut PgConnection, tenant: Uuid, subject: Subject) -> Result<(), SealError> {
        let forgotten = self.hold_all_in_op(conn, tenant, &[subject]).await?;
        forgotten.first().map_or(Ok(()), |id| Err(SealError::Forgotten(*id)))
    }

    /// Keeps subjects from being forgotten until the transaction ends. The answer is those who were before.
    ///
    /// # Errors
    /// Whatever the database says.
    pub async fn hold_all_in_op(
        &self,
        conn: &mut PgConnection,
        tenant: Uuid,
        subjects: &[Subject],
    ) -> Result<BTreeSet<Uuid>, SealError> {
        let subjects = subjects.iter().map(|subject| (subject.id, *subject)).collect();
        let rows = self.rows_to_write(conn, tenant, &subjects).await?;
        let destroyed = rows.iter().filter(|row| row.wrapped.is_none());
        Ok(destroyed.map(|row| row.subject.id).collect())
    }

    async fn keys_to_write(
        &self,
        conn: &mut PgConnection,
        tenant: Uuid,
        subjects: &BTreeMap<Uuid, Subject>,
    ) -> Result<Keys, SealError> {
        let mut keys = Keys::new();
        for row in &self.rows_to_write(conn, tenant, subjects).await? {
            let key = row.key(self, tenant)?;
            keys.insert(row.subject.id, Some(key.ok_or(SealError::Forgotten(row.subject.id))?));
        }
        Ok(keys)
    }

    /// The locked rows of all subjects; those who have none get one.
    async fn rows_to_write(
        &self,
        conn: &mut PgConnection,
        tenant: Uuid,
        subjects: &BTreeMap<Uuid, Subject>,
    ) -> Result<Vec<KeyRow>, SealError> {
        let ids: Vec<Uuid> = subjects.keys().copied().collect();
        let mut rows = table::hold_in_op(conn, tenant, &ids).await?;
        let known: BTreeSet<Uuid> = rows.iter().map(|row| row.subject.id).collect();
        let new: Vec<Subject> = subjects
            .values()
            .filter(|subject| !known.contains(&subject.id))
            .copied()
            .collect();
        if !new.is_empty() {
            table::create_in_op(conn, tenant, self, &new).await?;
            // Read back, because somebody else may have been faster.
            let new: Vec<Uuid> = new.iter().map(|subject| subject.id).collect();
            rows.extend(table::hold_in_op(conn, tenant, &new).await?);
        }
        Ok(rows)
    }
}

pub(super) fn seal(tenant: Uuid, keys: &Keys, event: &mut Pending<'_>) -> Result<(), SealError> {
    let place = Place {
        tenant,
        event_type: event.event_type,
        event_version: event.event_version,
    };
    let broken = |source| SealError::Payload {
        event_type: event.event_type.to_owned(),
        source,
    };
    // A document is much larger than what is personal in it: what no mark leads into stays as it is written, unread.
    let members: BTreeMap<String, &RawValue> = serde_json::from_str(event.payload).map_err(broken)?;
    let mut read = Map::new();
    for pattern in event.marks.iter().flat_map(|mark| mark.pointers) {
        let name = pattern.split('/').nth(1).unwrap_or_default();
        let name = name.replace("~1", "/").replace("~0", "~");
        if let Some(raw) = members.get(&name)
            && !read.contains_key(&name)
        {
            read.insert(name, serde_json::from_str(raw.get()).map_err(broken)?);
        }
    }
    let mut value = Value::Object(read);
    for mark in event.marks {
        let subject = mark.subject.id;
        let key = keys.get(&subject).and_then(Option::as_ref);
        let key = key.ok_or(SealError::Forgotten(subject))?;
        let pointers: Vec<String> = mark
            .pointers
            .iter()
            .flat_map(|pattern| leaf::expand(&value, pattern))
            .collect();
        for pointer in pointers {
            let Some(target) = value.pointer_mut(&pointer) else {
                continue;
            };
            match target {
                Value::Null => {}
                Value::String(text) if text.is_empty() => {}
                Value::String(text) => *target = leaf::seal(key, rand::random(), place, subject, &pointer, text),
                _ => {
                    return Err(SealError::NotText {
                        event_type: event.event_type.to_owned(),
                        pointer,
                    });
                }
            }
        }
    }
    let mut sealed = String::with_capacity(event.payload.len() * 2);
    for (name, raw) in &members {
        sealed.push(if sealed.is_empty() { '{' } else { ',' });
        sealed.push_str(&Value::from(name.as_str()).to_string());
        sealed.push(':');
        match value.get(name) {
            Some(read) => sealed.push_str(&read.to_string()),
            None => sealed.push_str(raw.get()),
        }
    }
    if sealed.is_empty() {
        sealed.push('{');
    }
    sealed.push('}');
    *event.payload = sealed;
    Ok(())
}
