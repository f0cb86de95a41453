//! Opening what was read. Whoever decodes a payload opens it first.

use std::collections::BTreeSet;

use serde_json::Value;
use sqlx::PgConnection;
use uuid::Uuid;

use super::FORGOTTEN;
use super::keyring::{KeyError, Keyring};
use super::leaf::{self, Place, has_sealed, subjects_of};
use super::table::{self, Keys};
use crate::event::RecordedEvent;

/// Why something stays sealed.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The subject's key cannot be had: the environment lacks a master key, or the row was changed.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// A leaf names a subject that never had a key.
    #[error("event {position} is sealed for subject {subject}, who has no key here")]
    NoKey {
        /// The event's position; 0 for a document of a read model.
        position: i64,
        /// Whose leaf it is.
        subject: Uuid,
    },
    /// A leaf is not what was sealed at this place.
    #[error("{pointer} of event {position} was not sealed there: it was changed or moved")]
    Changed {
        /// The event's position; 0 for a document of a read model.
        position: i64,
        /// Where the leaf stands.
        pointer: String,
    },
    /// The payload is no JSON.
    #[error("the payload of event {position} is no JSON: {source}")]
    Payload {
        /// The event's position; 0 for a document of a read model.
        position: i64,
        /// What is wrong with it.
        source: serde_json::Error,
    },
    /// The database failed.
    #[error("asking for keys failed in the database")]
    Database(#[from] sqlx::Error),
}

impl OpenError {
    /// The event that cannot be opened, where it is one event's fault.
    pub fn position(&self) -> Option<i64> {
        match self {
            Self::NoKey { position, .. } | Self::Changed { position, .. } | Self::Payload { position, .. } => {
                Some(*position)
            }
            Self::Key(_) | Self::Database(_) => None,
        }
    }
}

impl Keyring {
    /// Opens every sealed leaf of the events, with one query for all keys, and none when nothing is sealed. What was
    /// forgotten reads [`FORGOTTEN`]. `payload` stays as recorded; see [`RecordedEvent::plain`].
    ///
    /// # Errors
    /// When a key cannot be had, a leaf was changed, or the database fails.
    pub async fn open_in_op(
        &self,
        conn: &mut PgConnection,
        tenant: Uuid,
        events: &mut [RecordedEvent],
    ) -> Result<(), OpenError> {
        let subjects = events.iter().flat_map(|event| subjects_of(&event.payload)).collect();
        let keys = self.keys_to_read(conn, tenant, subjects).await?;
        for event in events.iter_mut().filter(|event| has_sealed(&event.payload)) {
            let place = Place {
                tenant,
                event_type: &event.event_type,
                event_version: event.event_version,
            };
            event.opened = Some(open(&keys, place, event.position, &event.payload)?);
        }
        Ok(())
    }

    /// Opens documents that a read model keeps: payloads of one event type, whichever version each has.
    ///
    /// # Errors
    /// When a key cannot be had, a leaf was changed, or the database fails.
    pub async fn open_documents_in_op(
        &self,
        conn: &mut PgConnection,
        tenant: Uuid,
        event_type: &str,
        documents: &mut [String],
    ) -> Result<(), OpenError> {
        let subjects = documents.iter().flat_map(|document| subjects_of(document)).collect();
        let keys = self.keys_to_read(conn, tenant, subjects).await?;
        for document in documents.iter_mut().filter(|document| has_sealed(document)) {
            // Each leaf says which version of its type it was sealed for.
            let place = Place {
                tenant,
                event_type,
                event_version: 0,
            };
            *document = open(&keys, place, 0, document)?;
        }
        Ok(())
    }

    async fn keys_to_read(
        &self,
        conn: &mut PgConnection,
        tenant: Uuid,
        subjects: BTreeSet<Uuid>,
    ) -> Result<Keys, OpenError> {
        if subjects.is_empty() {
            return Ok(Keys::new());
        }
        let ids: Vec<Uuid> = subjects.into_iter().collect();
        let rows = table::read(conn, tenant, &ids).await?;
        rows.iter()
            .map(|row| Ok((row.subject.id, row.key(self, tenant)?)))
            .collect()
    }
}

/// Puts a blank in the place of every sealed leaf of the events, for whoever decides without it: no key is asked for and
/// nothing is decrypted.
///
/// # Errors
/// When a payload is no JSON.
pub fn blank(events: &mut [RecordedEvent]) -> Result<(), OpenError> {
    for event in events.iter_mut().filter(|event| has_sealed(&event.payload)) {
        let position = event.position;
        let mut value: Value =
            serde_json::from_str(&event.payload).map_err(|source| OpenError::Payload { position, source })?;
        leaf::each(&mut value, &mut String::new(), &mut |_, _| {
            Ok::<_, OpenError>(Some(Value::String(String::new())))
        })?;
        event.opened = Some(value.to_string());
    }
    Ok(())
}

/// The payload with its leaves opened. A place without a version takes each leaf at its word, which is authenticated.
pub(super) fn open(keys: &Keys, place: Place<'_>, position: i64, payload: &str) -> Result<String, OpenError> {
    let mut value: Value = serde_json::from_str(payload).map_err(|source| OpenError::Payload { position, source })?;
    leaf::each(&mut value, &mut String::new(), &mut |pointer, sealed| {
        let subject = sealed.subject;
        let changed = || OpenError::Changed {
            position,
            pointer: pointer.to_owned(),
        };
        if place.event_version != 0 && place.event_version != sealed.version {
            return Err(changed());
        }
        let key = keys.get(&subject).ok_or(OpenError::NoKey { position, subject })?;
        let text = match key {
            None => FORGOTTEN.to_owned(),
            Some(key) => {
                let place = Place {
                    event_version: sealed.version,
                    ..place
                };
                sealed.open(key, place, pointer).ok_or_else(changed)?
            }
        };
        Ok(Some(Value::String(text)))
    })?;
    Ok(value.to_string())
}
