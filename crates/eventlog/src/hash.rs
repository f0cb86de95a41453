//! The hash chain, in the same bytes as `append_events` in the migrations.
//!
//! `hash = SHA-256(previous hash, 32 bytes || envelope)`, and the first previous hash is 32 zero bytes. The envelope,
//! integers big-endian and two's complement, `text` = byte length as int4 followed by the UTF-8 bytes:
//!
//! | field | bytes |
//! |---|---|
//! | layout of the envelope, now 1 | 1 |
//! | tenant | 16 |
//! | actor | text |
//! | command | 16 |
//! | causation | 1 byte 0 when there is none, else 1 byte 1 and int8 |
//! | correlation | 16 |
//! | occurred at, microseconds since 1970-01-01 UTC | int8 |
//! | recorded at, microseconds since 1970-01-01 UTC | int8 |
//! | position | int8 |
//! | category | text |
//! | stream | 16 |
//! | version | int8 |
//! | event type | text |
//! | event version | int2 |
//! | payload, exactly as appended | text |
//!
//! What is the same for a whole append comes first, so that the function builds it once.

use jiff::Timestamp;
use sha2::{Digest, Sha256};

use crate::event::RecordedEvent;

/// The previous hash of an organization's first event.
pub const FIRST_PREVIOUS_HASH: [u8; 32] = [0; 32];

/// The hash that `event` must carry when `previous` is the hash before it. The event's own `hash` is not looked at.
pub fn chain_hash(previous: &[u8; 32], event: &RecordedEvent) -> [u8; 32] {
    let mut hasher = Sha256::new();
    hasher.update(previous);
    hasher.update([1]);
    hasher.update(event.tenant_id.as_bytes());
    update_text(&mut hasher, &event.actor);
    hasher.update(event.command_id.as_bytes());
    match event.causation {
        None => hasher.update([0]),
        Some(position) => {
            hasher.update([1]);
            hasher.update(position.to_be_bytes());
        }
    }
    hasher.update(event.correlation_id.as_bytes());
    hasher.update(event.occurred_at.as_microsecond().to_be_bytes());
    hasher.update(event.recorded_at.as_microsecond().to_be_bytes());
    hasher.update(event.position.to_be_bytes());
    update_text(&mut hasher, &event.category);
    hasher.update(event.stream_id.as_bytes());
    hasher.update(event.version.to_be_bytes());
    update_text(&mut hasher, &event.event_type);
    hasher.update(event.event_version.to_be_bytes());
    update_text(&mut hasher, &event.payload);
    hasher.finalize().into()
}

fn update_text(hasher: &mut Sha256, text: &str) {
    // PostgreSQL holds no text of 2 GiB or more, so what came out of it always fits; saturating keeps this total.
    let length = u32::try_from(text.len()).unwrap_or(u32::MAX);
    hasher.update(length.to_be_bytes());
    hasher.update(text.as_bytes());
}

/// Instants as `PostgreSQL` keeps them: whole microseconds, cut off rather than rounded, so that both sides agree.
pub(crate) fn whole_microseconds(instant: Timestamp) -> Timestamp {
    Timestamp::from_microsecond(instant.as_microsecond()).unwrap_or(instant)
}
