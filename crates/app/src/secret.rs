//! Keyed digests: the address guard and the tokens in links.

pub use coterie_eventlog::seal::{Keyring, KeyringError};

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use hmac::{Hmac, KeyInit, Mac};
use jiff::Timestamp;
use sha2::{Digest, Sha256};
use uuid::Uuid;

/// The installation's secret, 32 bytes. Its debug form shows nothing.
#[derive(Clone)]
pub struct SecretKey([u8; 32]);

impl std::fmt::Debug for SecretKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("SecretKey(..)")
    }
}

impl SecretKey {
    pub fn new(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }
    /// Reads 32 bytes of base64.
    pub fn from_base64(text: &str) -> Option<Self> {
        let bytes = base64::engine::general_purpose::STANDARD.decode(text.trim()).ok()?;
        bytes.try_into().ok().map(Self)
    }
    fn mac(&self, purpose: &str, parts: &[&[u8]]) -> Hmac<Sha256> {
        // HMAC takes a key of any length, so this cannot fail for 32 bytes.
        #[expect(clippy::expect_used, reason = "HMAC-SHA-256 accepts every key length")]
        let mut mac = Hmac::<Sha256>::new_from_slice(&self.0).expect("any key length");
        for part in std::iter::once(purpose.as_bytes()).chain(parts.iter().copied()) {
            mac.update(&(part.len() as u64).to_be_bytes());
            mac.update(part);
        }
        mac
    }
    /// The guard's stand-in for an address within one organization.
    pub fn email_hmac(&self, tenant: Uuid, email: &str) -> Vec<u8> {
        self.mac("email", &[tenant.as_bytes(), email.as_bytes()])
            .finalize()
            .into_bytes()
            .to_vec()
    }
    /// What is kept of a member's door code: six digits are few, so without the key nobody finds them by trying.
    pub fn door_code_hmac(&self, tenant: Uuid, code: &str) -> Vec<u8> {
        self.mac("door code", &[tenant.as_bytes(), code.as_bytes()])
            .finalize()
            .into_bytes()
            .to_vec()
    }
    /// What a draft remembers of its buyer: whether she is another by now, and nothing of who she is.
    pub fn buyer_hmac(&self, tenant: Uuid, payer: Uuid, printed: &[u8]) -> String {
        let tag = self.mac("buyer", &[tenant.as_bytes(), payer.as_bytes(), printed]);
        hex::encode(tag.finalize().into_bytes())
    }
    /// The guard's stand-in for a row's id in another system's list: such an id is often a name or a number of hers.
    pub fn import_hmac(&self, tenant: Uuid, kind: &str, external_id: &str) -> String {
        let tag = self.mac("import", &[tenant.as_bytes(), kind.as_bytes(), external_id.as_bytes()]);
        format!("hmac:{}", hex::encode(tag.finalize().into_bytes()))
    }
    /// What stays of an address where rows must stay apart after it was forgotten.
    pub fn forgotten_address(&self, tenant: Uuid, email: &str) -> String {
        format!("forgotten:{}", hex::encode(self.email_hmac(tenant, email)))
    }
    /// A token for a link: says who and until when, and cannot be made without the key.
    pub fn link_token(&self, purpose: &str, tenant: Uuid, person: Uuid, expires_at: Timestamp) -> String {
        let expires = expires_at.as_second().to_be_bytes();
        let tag = self
            .mac(purpose, &[tenant.as_bytes(), person.as_bytes(), &expires])
            .finalize()
            .into_bytes();
        let mut token = Vec::with_capacity(56);
        token.extend_from_slice(person.as_bytes());
        token.extend_from_slice(&expires);
        token.extend_from_slice(&tag);
        URL_SAFE_NO_PAD.encode(token)
    }
    /// Whom a link's token names, if it is genuine and not expired.
    pub fn open_link_token(&self, purpose: &str, tenant: Uuid, token: &str, now: Timestamp) -> Option<Uuid> {
        let bytes = URL_SAFE_NO_PAD.decode(token).ok()?;
        if bytes.len() != 56 {
            return None;
        }
        let person = Uuid::from_slice(&bytes[..16]).ok()?;
        let expires: [u8; 8] = bytes[16..24].try_into().ok()?;
        self.mac(purpose, &[tenant.as_bytes(), person.as_bytes(), &expires])
            .verify_slice(&bytes[24..])
            .ok()?;
        (i64::from_be_bytes(expires) > now.as_second()).then_some(person)
    }
}

/// SHA-256, for opaque tokens whose hash is kept and for canonical requests.
pub fn sha256(bytes: &[u8]) -> [u8; 32] {
    Sha256::digest(bytes).into()
}

/// A new opaque token with 256 bits from the operating system.
pub fn opaque_token(prefix: &str) -> String {
    let bytes: [u8; 32] = rand::random();
    format!("{prefix}{}", URL_SAFE_NO_PAD.encode(bytes))
}
