//! XChaCha20-Poly1305. The nonce is drawn: 192 bits are enough for that, so no counter has to be kept anywhere.

use chacha20poly1305::aead::{Aead, KeyInit, Payload};
use chacha20poly1305::{XChaCha20Poly1305, XNonce};
use zeroize::Zeroizing;

/// Bytes of a nonce, which stands before the ciphertext.
pub(super) const NONCE_BYTES: usize = 24;

/// 32 bytes that are wiped when they are dropped, and that no debug form shows.
#[derive(Clone)]
pub(super) struct Key(Zeroizing<[u8; 32]>);

impl Key {
    pub(super) fn new(bytes: [u8; 32]) -> Self {
        Self(Zeroizing::new(bytes))
    }
    /// A new one, from the operating system's randomness.
    pub(super) fn draw() -> Self {
        Self::new(rand::random())
    }
    pub(super) fn bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// Nonce and ciphertext. `bound` is authenticated and not part of it.
    pub(super) fn seal(&self, nonce: [u8; NONCE_BYTES], bound: &[u8], plain: &[u8]) -> Vec<u8> {
        let payload = Payload { msg: plain, aad: bound };
        #[expect(
            clippy::expect_used,
            reason = "the cipher takes anything that is shorter than 256 GiB"
        )]
        let sealed = XChaCha20Poly1305::new((&*self.0).into())
            .encrypt(&XNonce::from(nonce), payload)
            .expect("a payload of the log is short");
        [nonce.as_slice(), &sealed].concat()
    }

    /// What was sealed with the same key and the same `bound`; `None` for anything else.
    pub(super) fn open(&self, bound: &[u8], sealed: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
        let (nonce, sealed) = sealed.split_first_chunk::<NONCE_BYTES>()?;
        let payload = Payload {
            msg: sealed,
            aad: bound,
        };
        XChaCha20Poly1305::new((&*self.0).into())
            .decrypt(&XNonce::from(*nonce), payload)
            .ok()
            .map(Zeroizing::new)
    }
}

/// What a ciphertext is bound to: each part with its length before it, so that no two lists of parts look alike.
pub(super) fn bound(parts: &[&[u8]]) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(parts.iter().map(|part| part.len() + 8).sum());
    for part in parts {
        bytes.extend_from_slice(&(part.len() as u64).to_be_bytes());
        bytes.extend_from_slice(part);
    }
    bytes
}
