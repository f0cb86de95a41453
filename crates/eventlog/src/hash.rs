//! The hash chain. An append lays its envelopes out here and the functions of the migrations put in what only the head
//! knows; whoever verifies lays them out from the rows.
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
//! What is the same for a whole append comes first, so that it is laid out once.

use jiff::Timestamp;
use sha2::{Digest, Sha256};
use uuid::Uuid;

use crate::event::RecordedEvent;

/// The previous hash of an organization's first event.
pub const FIRST_PREVIOUS_HASH: [u8; 32] = [0; 32];

/// Where an envelope goes: into a hash, or into bytes for the database.
trait Sink {
    fn put(&mut self, bytes: &[u8]);

    fn text(&mut self, text: &str) {
        // PostgreSQL holds no text of 2 GiB or more, so what came out of it always fits; saturating keeps this total.
        let length = u32::try_from(text.len()).unwrap_or(u32::MAX);
        self.put(&length.to_be_bytes());
        self.put(text.as_bytes());
    }
}

impl Sink for Sha256 {
    fn put(&mut self, bytes: &[u8]) {
        self.update(bytes);
    }
}

impl Sink for Vec<u8> {
    fn put(&mut self, bytes: &[u8]) {
        self.extend_from_slice(bytes);
    }
}

/// What an envelope starts with, up to the instants.
pub(crate) struct Before<'a> {
    pub(crate) tenant: Uuid,
    pub(crate) actor: &'a str,
    pub(crate) command: Uuid,
    pub(crate) causation: Option<i64>,
    pub(crate) correlation: Uuid,
}

impl Before<'_> {
    fn lay_out(&self, sink: &mut impl Sink) {
        sink.put(&[1]);
        sink.put(self.tenant.as_bytes());
        sink.text(self.actor);
        sink.put(self.command.as_bytes());
        match self.causation {
            None => sink.put(&[0]),
            Some(position) => {
                sink.put(&[1]);
                sink.put(&position.to_be_bytes());
            }
        }
        sink.put(self.correlation.as_bytes());
    }

    pub(crate) fn bytes(&self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(128);
        self.lay_out(&mut bytes);
        bytes
    }
}

/// What an envelope ends with, after the position.
pub(crate) struct After<'a> {
    pub(crate) category: &'a str,
    pub(crate) stream: Uuid,
    pub(crate) version: i64,
    pub(crate) event_type: &'a str,
    pub(crate) event_version: i16,
    pub(crate) payload: &'a str,
}

impl After<'_> {
    fn lay_out(&self, sink: &mut impl Sink) {
        sink.text(self.category);
        sink.put(self.stream.as_bytes());
        sink.put(&self.version.to_be_bytes());
        sink.text(self.event_type);
        sink.put(&self.event_version.to_be_bytes());
        sink.text(self.payload);
    }

    pub(crate) fn bytes(&self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(96 + self.payload.len());
        self.lay_out(&mut bytes);
        bytes
    }
}

/// The hash after `previous` of the event at `position`; `same` is what stands before the position.
pub(crate) fn next_hash(previous: &[u8; 32], same: &[u8], position: i64, after: &After<'_>) -> [u8; 32] {
    let mut hasher = Sha256::new();
    hasher.put(previous);
    hasher.put(same);
    hasher.put(&position.to_be_bytes());
    after.lay_out(&mut hasher);
    hasher.finalize().into()
}

/// An instant as the envelope has it.
pub(crate) fn instant(at: Timestamp) -> [u8; 8] {
    at.as_microsecond().to_be_bytes()
}

/// The hash that `event` must carry when `previous` is the hash before it. The event's own `hash` is not looked at.
pub fn chain_hash(previous: &[u8; 32], event: &RecordedEvent) -> [u8; 32] {
    let mut hasher = Sha256::new();
    hasher.put(previous);
    let before = Before {
        tenant: event.tenant_id,
        actor: &event.actor,
        command: event.command_id,
        causation: event.causation,
        correlation: event.correlation_id,
    };
    before.lay_out(&mut hasher);
    hasher.put(&instant(event.occurred_at));
    hasher.put(&instant(event.recorded_at));
    hasher.put(&event.position.to_be_bytes());
    let after = After {
        category: &event.category,
        stream: event.stream_id,
        version: event.version,
        event_type: &event.event_type,
        event_version: event.event_version,
        payload: &event.payload,
    };
    after.lay_out(&mut hasher);
    hasher.finalize().into()
}

/// Instants as `PostgreSQL` keeps them: whole microseconds, cut off rather than rounded, so that both sides agree.
pub(crate) fn whole_microseconds(instant: Timestamp) -> Timestamp {
    Timestamp::from_microsecond(instant.as_microsecond()).unwrap_or(instant)
}
