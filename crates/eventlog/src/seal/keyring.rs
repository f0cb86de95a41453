//! Master keys: they wrap the subjects' keys, come from the environment, and can be changed for new ones.

use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use uuid::Uuid;
use zeroize::Zeroizing;

use super::Subject;
use super::cipher::{Key, bound};

/// The longest id of a master key.
const ID_MAX_CHARS: usize = 40;

/// The installation's master keys, the newest first. Cheap to clone; its debug form shows ids only.
#[derive(Clone)]
pub struct Keyring(Arc<[MasterKey]>);

struct MasterKey {
    id: String,
    key: Key,
}

impl std::fmt::Debug for Keyring {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let ids: Vec<&str> = self.0.iter().map(|master| master.id.as_str()).collect();
        formatter.debug_tuple("Keyring").field(&ids).finish()
    }
}

/// What is wrong with a list of master keys. No sentence repeats a key.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum KeyringError {
    /// There is none.
    #[error("names no key")]
    Empty,
    /// A part of the list is no `id:base64`.
    #[error("has a part that is not written id:base64, number {0} from the left")]
    Form(usize),
    /// An id that cannot be kept beside what it wraps.
    #[error("has an id that is not 1 to 40 letters, digits, dots, hyphens or underscores, number {0} from the left")]
    Id(usize),
    /// Not 32 bytes.
    #[error("has a key that is not 32 bytes in base64: {0}")]
    Length(String),
    /// One id for two keys: nobody could say which one wrapped what.
    #[error("has the id {0} twice")]
    Twice(String),
}

/// Why a subject's key cannot be had.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum KeyError {
    /// The key that wrapped it is no longer in the list.
    #[error("the master key {0} is not in COTERIE_MASTER_KEYS, and something is still wrapped by it")]
    MasterMissing(String),
    /// The wrapped bytes are not what was stored, or another key has this id now.
    #[error("the key of subject {subject} does not open with the master key {master}")]
    Unwrap {
        /// Whose key it is.
        subject: Uuid,
        /// The master key's id.
        master: String,
    },
}

impl Keyring {
    /// Master keys by id, the newest first.
    ///
    /// # Errors
    /// An empty list, an id that cannot be used or that comes twice.
    pub fn new(keys: impl IntoIterator<Item = (String, [u8; 32])>) -> Result<Self, KeyringError> {
        let mut ring: Vec<MasterKey> = Vec::new();
        for (index, (id, bytes)) in keys.into_iter().enumerate() {
            let fine = (1..=ID_MAX_CHARS).contains(&id.len())
                && id.chars().all(|c| c.is_ascii_alphanumeric() || ".-_".contains(c));
            if !fine {
                return Err(KeyringError::Id(index + 1));
            }
            if ring.iter().any(|known| known.id == id) {
                return Err(KeyringError::Twice(id));
            }
            let key = Key::new(bytes);
            ring.push(MasterKey { id, key });
        }
        if ring.is_empty() {
            return Err(KeyringError::Empty);
        }
        Ok(Self(ring.into()))
    }

    /// Reads `id:base64[,id:base64...]`, the newest first.
    ///
    /// # Errors
    /// What [`KeyringError`] says; no sentence repeats a key.
    pub fn parse(text: &str) -> Result<Self, KeyringError> {
        let parts = text.split(',').map(str::trim).filter(|part| !part.is_empty());
        let mut keys = Vec::new();
        for (index, part) in parts.enumerate() {
            let (id, encoded) = part.split_once(':').ok_or(KeyringError::Form(index + 1))?;
            let bytes = STANDARD.decode(encoded.trim()).ok().map(Zeroizing::new);
            let bytes = bytes.and_then(|bytes| <[u8; 32]>::try_from(bytes.as_slice()).ok());
            keys.push((id.to_owned(), bytes.ok_or_else(|| KeyringError::Length(id.to_owned()))?));
        }
        Self::new(keys)
    }

    /// The id of the key that wraps from now on.
    pub fn newest(&self) -> &str {
        self.0.first().map_or("", |master| &master.id)
    }

    /// The subject's key under the newest master key.
    pub(super) fn wrap(&self, tenant: Uuid, subject: &Subject, key: &Key) -> Vec<u8> {
        let bound = binding(tenant, subject);
        // There is always one: `new` refuses an empty list.
        self.0
            .first()
            .map(|master| master.key.seal(rand::random(), &bound, key.bytes()))
            .unwrap_or_default()
    }

    pub(super) fn unwrap(
        &self,
        tenant: Uuid,
        subject: &Subject,
        master: &str,
        wrapped: &[u8],
    ) -> Result<Key, KeyError> {
        let known = self.0.iter().find(|known| known.id == master);
        let known = known.ok_or_else(|| KeyError::MasterMissing(master.to_owned()))?;
        let opened = known.key.open(&binding(tenant, subject), wrapped);
        let bytes = opened.and_then(|bytes| <[u8; 32]>::try_from(bytes.as_slice()).ok());
        bytes.map(Key::new).ok_or_else(|| KeyError::Unwrap {
            subject: subject.id,
            master: master.to_owned(),
        })
    }
}

fn binding(tenant: Uuid, subject: &Subject) -> Vec<u8> {
    bound(&[
        b"coterie subject key 1",
        tenant.as_bytes(),
        subject.id.as_bytes(),
        subject.purpose.name().as_bytes(),
    ])
}
