//! Between the domain, which declares what is personal, and the log, which seals it; and documents of read models, which
//! stay sealed until somebody looks at them.

use crate::UseCaseError;
use coterie_domain::{
    DomainEvent,
    personal::{self, Personal},
};
use coterie_eventlog::seal::{Keyring, Mark, Purpose, Subject};
use sqlx::{PgConnection, Row, postgres::PgRow};
use uuid::Uuid;

/// The log's marks for what an event declares.
pub(crate) fn marks(personal: Vec<Personal>) -> Vec<Mark> {
    personal
        .into_iter()
        .map(|personal| Mark {
            subject: subject(personal.subject),
            pointers: personal.pointers,
        })
        .collect()
}

fn subject(subject: personal::Subject) -> Subject {
    let (purpose, retain_until) = match subject.purpose {
        personal::Purpose::Person => (Purpose::Person, None),
        personal::Purpose::Retention { until } => (Purpose::Retention, Some(until)),
    };
    Subject {
        id: subject.id,
        purpose,
        retain_until,
    }
}

/// A person, as the log knows subjects.
pub(crate) fn person(id: impl Into<Uuid>) -> Subject {
    Subject {
        id: id.into(),
        purpose: Purpose::Person,
        retain_until: None,
    }
}

/// A payload that a read model keeps as it stands in the log.
#[derive(Debug, Clone)]
pub(crate) struct Kept {
    version: i16,
    text: String,
}

impl Kept {
    /// From the columns `{prefix}` (as text) and `{prefix}_version`; `None` where there is no document.
    pub(crate) fn read(row: &PgRow, prefix: &str) -> Result<Option<Self>, sqlx::Error> {
        let text: Option<String> = row.try_get(prefix)?;
        let version: Option<i16> = row.try_get(format!("{prefix}_version").as_str())?;
        Ok(text.zip(version).map(|(text, version)| Self { version, text }))
    }
}

/// Opens and reads documents of one event type, with one query for their keys.
pub(crate) async fn open_documents<E: DomainEvent>(
    keys: &Keyring,
    conn: &mut PgConnection,
    tenant: Uuid,
    event_type: &'static str,
    documents: Vec<Kept>,
) -> Result<Vec<E>, UseCaseError> {
    let (versions, mut texts): (Vec<i16>, Vec<String>) =
        documents.into_iter().map(|kept| (kept.version, kept.text)).unzip();
    keys.open_documents_in_op(conn, tenant, event_type, &mut texts).await?;
    versions
        .into_iter()
        .zip(&texts)
        .map(|(version, text)| Ok(E::decode(event_type, version, text)?))
        .collect()
}

#[cfg(test)]
mod tests {
    /// The two rooms know nothing of each other, and people must read one word.
    #[test]
    fn domain_and_log_leave_the_same_tombstone() {
        assert_eq!(coterie_domain::personal::FORGOTTEN, coterie_eventlog::seal::FORGOTTEN);
    }
}
