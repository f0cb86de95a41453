//! Anchors: signed copies of a head, kept outside the database.
//!
//! The chain shows whatever was changed without recomputing the rest of it. Somebody who rules the database can recompute
//! the rest as well; he cannot recompute an anchor, because it lies elsewhere and is signed with a key that the database
//! never sees. The signature (Ed25519, RFC 8032) covers these bytes, integers big-endian, `text` as in the hash chain:
//!
//! | field | bytes |
//! |---|---|
//! | `coterie anchor` | text |
//! | layout, now 1 | 1 |
//! | tenant | 16 |
//! | position | int8 |
//! | hash | 32 |
//! | occurred at, microseconds | int8 |
//! | published at, microseconds | int8 |
//! | key id | text |

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use jiff::Timestamp;
use ring::signature::{ED25519, Ed25519KeyPair, KeyPair as _, UnparsedPublicKey};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use std::fmt;
use std::sync::Arc;
use uuid::Uuid;

use crate::head::Head;

/// The layout of what is signed.
const FORMAT: u8 = 1;

/// One head, signed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Anchor {
    /// The organization.
    pub tenant_id: Uuid,
    /// Position of the event that was the last one.
    pub position: i64,
    /// Its hash, which covers every event before it.
    pub hash: [u8; 32],
    /// Its tenant time.
    pub occurred_at: Timestamp,
    /// Wall time of the signature. Microseconds.
    pub published_at: Timestamp,
    /// Which key signed; see [`AnchorPublicKey::id`].
    pub key_id: String,
    /// Ed25519 over the bytes above.
    pub signature: Vec<u8>,
}

/// What is wrong with an anchor, as part of a sentence.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AnchorError {
    /// Not the JSON that [`Anchor::to_json`] writes.
    #[error("it is no anchor: {0}")]
    Unreadable(String),
    /// Another layout, written by a later version.
    #[error("its format {0} is not known here")]
    Format(u8),
    /// Signed by nobody who is trusted.
    #[error("it is signed with the key {0}, which is none of the trusted keys")]
    UnknownKey(String),
    /// The signature does not fit the content.
    #[error("its signature does not fit: it was changed after it was signed")]
    Forged,
}

/// The anchor as it lies in a store or in an export.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    format: u8,
    tenant: Uuid,
    position: i64,
    hash: String,
    occurred_us: i64,
    published_us: i64,
    key: String,
    signature: String,
}

impl Anchor {
    /// Where it lies in the store. Twenty digits, so that names sort as positions do.
    pub fn path(&self) -> String {
        format!("{}/{:020}.json", Self::folder(self.tenant_id), self.position)
    }

    /// Where an organization's anchors lie.
    pub fn folder(tenant: Uuid) -> String {
        format!("anchors/{tenant}")
    }

    /// One line of JSON.
    pub fn to_json(&self) -> String {
        let written = Written {
            format: FORMAT,
            tenant: self.tenant_id,
            position: self.position,
            hash: hex::encode(self.hash),
            occurred_us: self.occurred_at.as_microsecond(),
            published_us: self.published_at.as_microsecond(),
            key: self.key_id.clone(),
            signature: BASE64.encode(&self.signature),
        };
        // Texts and whole numbers only: there is nothing in it that JSON cannot say.
        serde_json::to_string(&written).unwrap_or_default()
    }

    /// Reads what [`Self::to_json`] wrote. The signature is not looked at.
    ///
    /// # Errors
    /// [`AnchorError::Unreadable`] or [`AnchorError::Format`].
    pub fn from_json(text: &str) -> Result<Self, AnchorError> {
        let unreadable = |said: &str| AnchorError::Unreadable(said.to_owned());
        let written: Written = serde_json::from_str(text).map_err(|error| unreadable(&error.to_string()))?;
        if written.format != FORMAT {
            return Err(AnchorError::Format(written.format));
        }
        let mut hash = [0; 32];
        hex::decode_to_slice(&written.hash, &mut hash).map_err(|_| unreadable("the hash is not 64 hex digits"))?;
        let instant = |us| Timestamp::from_microsecond(us).map_err(|_| unreadable("a time lies outside the calendar"));
        Ok(Self {
            tenant_id: written.tenant,
            position: written.position,
            hash,
            occurred_at: instant(written.occurred_us)?,
            published_at: instant(written.published_us)?,
            key_id: written.key,
            signature: BASE64
                .decode(&written.signature)
                .map_err(|_| unreadable("the signature is not base64"))?,
        })
    }

    /// Whether one of `keys` signed exactly this.
    ///
    /// # Errors
    /// [`AnchorError::UnknownKey`] or [`AnchorError::Forged`].
    pub fn check(&self, keys: &[AnchorPublicKey]) -> Result<(), AnchorError> {
        let key = keys.iter().find(|key| key.id() == self.key_id);
        let key = key.ok_or_else(|| AnchorError::UnknownKey(self.key_id.clone()))?;
        UnparsedPublicKey::new(&ED25519, key.0)
            .verify(&self.signed_bytes(), &self.signature)
            .map_err(|_| AnchorError::Forged)
    }

    fn signed_bytes(&self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(160);
        push_text(&mut bytes, "coterie anchor");
        bytes.push(FORMAT);
        bytes.extend(self.tenant_id.as_bytes());
        bytes.extend(self.position.to_be_bytes());
        bytes.extend(self.hash);
        bytes.extend(self.occurred_at.as_microsecond().to_be_bytes());
        bytes.extend(self.published_at.as_microsecond().to_be_bytes());
        push_text(&mut bytes, &self.key_id);
        bytes
    }
}

fn push_text(bytes: &mut Vec<u8>, text: &str) {
    let length = u32::try_from(text.len()).unwrap_or(u32::MAX);
    bytes.extend(length.to_be_bytes());
    bytes.extend(text.as_bytes());
}

/// Signs anchors. Its debug form shows nothing.
#[derive(Clone)]
pub struct AnchorKey(Arc<Ed25519KeyPair>);

impl AnchorKey {
    /// From a seed of 32 bytes, which is kept as secret as a password.
    pub fn new(seed: &[u8]) -> Option<Self> {
        Ed25519KeyPair::from_seed_unchecked(seed).ok().map(Arc::new).map(Self)
    }

    /// From a seed in base64.
    pub fn from_base64(text: &str) -> Option<Self> {
        Self::new(&BASE64.decode(text.trim()).ok()?)
    }

    /// What others check its signatures with.
    pub fn public(&self) -> AnchorPublicKey {
        let mut bytes = [0; 32];
        // An Ed25519 public key always has 32 bytes.
        bytes.copy_from_slice(self.0.public_key().as_ref());
        AnchorPublicKey(bytes)
    }

    /// Signs a head at `now` (wall time).
    pub fn sign(&self, tenant_id: Uuid, head: &Head, now: Timestamp) -> Anchor {
        let mut anchor = Anchor {
            tenant_id,
            position: head.position,
            hash: head.hash,
            occurred_at: head.occurred_at,
            published_at: crate::hash::whole_microseconds(now),
            key_id: self.public().id(),
            signature: Vec::new(),
        };
        anchor.signature = self.0.sign(&anchor.signed_bytes()).as_ref().to_vec();
        anchor
    }
}

impl fmt::Debug for AnchorKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("AnchorKey(..)")
    }
}

/// Checks signatures; may be known to everybody.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AnchorPublicKey([u8; 32]);

impl AnchorPublicKey {
    /// From 32 bytes in base64.
    pub fn from_base64(text: &str) -> Option<Self> {
        BASE64.decode(text.trim()).ok()?.try_into().ok().map(Self)
    }

    /// 32 bytes in base64.
    pub fn to_base64(&self) -> String {
        BASE64.encode(self.0)
    }

    /// A short name: the first eight bytes of the key's SHA-256, in hex.
    pub fn id(&self) -> String {
        hex::encode(&Sha256::digest(self.0)[..8])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn anchor() -> (AnchorKey, Anchor) {
        let key = AnchorKey::from_base64(&BASE64.encode([7; 32])).unwrap();
        let head = Head {
            position: 42,
            hash: [9; 32],
            occurred_at: Timestamp::from_microsecond(1_700_000_000_000_001).unwrap(),
        };
        let anchor = key.sign(
            Uuid::from_u128(5),
            &head,
            Timestamp::from_second(1_800_000_000).unwrap(),
        );
        (key, anchor)
    }

    #[test]
    fn an_anchor_survives_its_own_writing() {
        let (key, anchor) = anchor();
        let read = Anchor::from_json(&anchor.to_json()).unwrap();
        assert_eq!(read, anchor);
        read.check(&[key.public()]).unwrap();
        assert_eq!(
            anchor.path(),
            "anchors/00000000-0000-0000-0000-000000000005/00000000000000000042.json"
        );
        assert_eq!(
            AnchorPublicKey::from_base64(&key.public().to_base64()),
            Some(key.public())
        );
    }

    #[test]
    fn whatever_is_changed_breaks_the_signature() {
        let (key, anchor) = anchor();
        let keys = [key.public()];
        let touches: [fn(&mut Anchor); 6] = [
            |anchor| anchor.tenant_id = Uuid::from_u128(6),
            |anchor| anchor.position += 1,
            |anchor| anchor.hash[31] ^= 1,
            |anchor| anchor.occurred_at += jiff::SignedDuration::from_micros(1),
            |anchor| anchor.published_at += jiff::SignedDuration::from_micros(1),
            |anchor| anchor.signature[0] ^= 1,
        ];
        for touch in touches {
            let mut changed = anchor.clone();
            touch(&mut changed);
            assert_eq!(changed.check(&keys), Err(AnchorError::Forged), "{changed:?}");
        }
        let other = AnchorKey::from_base64(&BASE64.encode([8; 32])).unwrap().public();
        assert_eq!(
            anchor.check(std::slice::from_ref(&other)),
            Err(AnchorError::UnknownKey(keys[0].id()))
        );
        // Naming another key does not help either.
        let mut renamed = anchor.clone();
        renamed.key_id = other.id();
        assert_eq!(renamed.check(&[other]), Err(AnchorError::Forged));
        anchor.check(&keys).unwrap();
    }

    #[test]
    fn what_is_no_key_or_no_anchor_is_refused() {
        for text in ["", "seven", "AAAA", &BASE64.encode([1; 31]), &BASE64.encode([1; 33])] {
            assert!(AnchorKey::from_base64(text).is_none(), "{text}");
            assert!(AnchorPublicKey::from_base64(text).is_none(), "{text}");
        }
        let (_, anchor) = anchor();
        assert!(matches!(Anchor::from_json("{}"), Err(AnchorError::Unreadable(_))));
        let later = anchor.to_json().replace("\"format\":1", "\"format\":2");
        assert_eq!(Anchor::from_json(&later), Err(AnchorError::Format(2)));
    }
}
