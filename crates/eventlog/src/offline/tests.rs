//! Each kind of tampering on a small log, in the file alone: whole lines, with and without new positions and hashes.

use super::line::blank;
use super::{Fault, FaultKind, FileVerdict, verify_file};
use crate::anchor::{Anchor, AnchorKey, AnchorPublicKey};
use crate::event::RecordedEvent;
use crate::export::event_line;
use crate::hash::{FIRST_PREVIOUS_HASH, chain_hash};
use crate::head::Head;
use base64::Engine as _;
use jiff::Timestamp;
use std::path::PathBuf;
use std::sync::atomic::{AtomicU32, Ordering};
use uuid::Uuid;

mod anchors;
mod fast;
mod shape;

const TENANT: Uuid = Uuid::from_u128(0x7e);
const EVENTS: i64 = 12;

/// A log as a file would say it.
#[derive(Clone)]
struct Log {
    events: Vec<RecordedEvent>,
    anchors: Vec<Anchor>,
    end_events: i64,
    end_head: [u8; 32],
}

impl Log {
    /// Twelve events over three streams, anchored at 4 and 8.
    fn new() -> Self {
        let mut log = Self {
            events: (1..=EVENTS).map(event).collect(),
            anchors: Vec::new(),
            end_events: 0,
            end_head: [0; 32],
        };
        log.recompute();
        log.anchor_at(4);
        log.anchor_at(8);
        log
    }

    /// As somebody would who rules the database: new positions, new hashes, a fitting last line.
    fn recompute(&mut self) {
        let mut hash = FIRST_PREVIOUS_HASH;
        for (position, event) in (1..).zip(&mut self.events) {
            event.position = position;
            hash = chain_hash(&hash, event);
            event.hash = hash;
        }
        self.close();
    }

    fn renumber(&mut self) {
        for (position, event) in (1..).zip(&mut self.events) {
            event.position = position;
        }
    }

    /// Makes the last line fit whatever stands before it.
    fn close(&mut self) {
        self.end_events = i64::try_from(self.events.len()).unwrap();
        self.end_head = self.events.last().map_or([0; 32], |event| event.hash);
    }

    fn anchor_at(&mut self, position: i64) {
        let event = &self.events[usize::try_from(position - 1).unwrap()];
        let head = Head {
            position,
            hash: event.hash,
            occurred_at: event.occurred_at,
        };
        self.anchors.push(key(7).sign(TENANT, &head, Timestamp::UNIX_EPOCH));
    }

    fn text(&self) -> String {
        let mut text = format!(
            "{{\"coterie_log\":1,\"tenant\":\"{TENANT}\",\"slug\":\"harbour\",\"public_keys\":[\"{}\"]}}\n",
            key(7).public().to_base64()
        );
        let mut anchors = self.anchors.iter().peekable();
        for event in &self.events {
            text += &event_line(event);
            text.push('\n');
            while let Some(anchor) = anchors.next_if(|anchor| anchor.position <= event.position) {
                text = text + "{\"anchor\":" + &anchor.to_json() + "}\n";
            }
        }
        for anchor in anchors {
            text = text + "{\"anchor\":" + &anchor.to_json() + "}\n";
        }
        text + &format!(
            "{{\"end\":{{\"events\":{},\"anchors\":{},\"head\":\"{}\"}}}}\n",
            self.end_events,
            self.anchors.len(),
            hex::encode(self.end_head)
        )
    }

    fn verdict(&self) -> FileVerdict {
        verify(&self.text(), None)
    }

    #[track_caller]
    fn fault(&self) -> Fault {
        fault(self.verdict())
    }
}

fn event(position: i64) -> RecordedEvent {
    let stream = position % 3;
    RecordedEvent {
        position,
        category: "booking".to_owned(),
        stream_id: Uuid::from_u128(0x50 + u128::try_from(stream).unwrap()),
        version: (position + 2) / 3,
        event_type: "BookingConfirmed".to_owned(),
        event_version: 1,
        actor: "member:ada".to_owned(),
        command_id: Uuid::from_u128(u128::try_from(position).unwrap()),
        causation: (position > 1).then(|| position - 1),
        correlation_id: Uuid::from_u128(3),
        occurred_at: Timestamp::from_microsecond(1_700_000_000_000_000 + position).unwrap(),
        recorded_at: Timestamp::from_microsecond(1_700_000_000_000_001 + position).unwrap(),
        payload: format!("{{\"note\": \"line \\\"{position}\\\"\\n\\u00e9 é\"}}"),
        ..blank(TENANT)
    }
}

fn key(seed: u8) -> AnchorKey {
    AnchorKey::from_base64(&base64::engine::general_purpose::STANDARD.encode([seed; 32])).unwrap()
}

/// A file that is gone when the test is over.
struct TempFile(PathBuf);

impl TempFile {
    fn new(text: &[u8]) -> Self {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let name = format!(
            "coterie-offline-{}-{}.ndjson",
            std::process::id(),
            COUNT.fetch_add(1, Ordering::Relaxed)
        );
        let path = std::env::temp_dir().join(name);
        std::fs::write(&path, text).unwrap();
        Self(path)
    }
}

impl Drop for TempFile {
    fn drop(&mut self) {
        drop(std::fs::remove_file(&self.0));
    }
}

fn verify(text: &str, trusted: Option<&[AnchorPublicKey]>) -> FileVerdict {
    verify_file(&TempFile::new(text.as_bytes()).0, trusted).unwrap()
}

#[track_caller]
fn fault(verdict: FileVerdict) -> Fault {
    match verdict {
        FileVerdict::Broken(fault) => fault,
        FileVerdict::Intact(proof) => panic!("taken for intact: {proof:?}"),
    }
}

#[track_caller]
fn expect(log: &Log, what: &str, kind: FaultKind, position: i64) {
    let fault = log.fault();
    assert_eq!(
        (fault.kind, fault.position),
        (kind, Some(position)),
        "{what}: {fault:?}"
    );
}

#[test]
fn an_untouched_log_is_proven() {
    let FileVerdict::Intact(proof) = Log::new().verdict() else {
        panic!("{:?}", Log::new().verdict());
    };
    assert_eq!(
        (proof.events, proof.anchors, proof.anchored_up_to),
        (EVENTS, 2, Some(8))
    );
    assert_eq!((proof.tenant_id, proof.slug.as_str()), (TENANT, "harbour"));
    let mut empty = Log::new();
    (empty.events, empty.anchors) = (Vec::new(), Vec::new());
    empty.close();
    assert!(matches!(empty.verdict(), FileVerdict::Intact(proof) if proof.events == 0));
}

/// Everything that the hash covers, at every place.
#[test]
fn a_changed_event_is_named() {
    type Change = fn(&mut RecordedEvent);
    let changes: [(&str, Change); 14] = [
        ("payload", |event| event.payload.push(' ')),
        ("actor", |event| event.actor.push('x')),
        ("category", |event| event.category.push('x')),
        ("type", |event| event.event_type.push('x')),
        ("type version", |event| event.event_version += 1),
        ("stream", |event| event.stream_id = Uuid::from_u128(9)),
        ("version", |event| event.version += 1),
        ("command", |event| event.command_id = Uuid::from_u128(99)),
        ("causation", |event| event.causation = Some(0)),
        ("correlation", |event| event.correlation_id = Uuid::nil()),
        ("occurred", |event| {
            event.occurred_at += jiff::SignedDuration::from_micros(1);
        }),
        ("recorded", |event| {
            event.recorded_at += jiff::SignedDuration::from_micros(1);
        }),
        ("position", |event| event.position += 100),
        ("hash", |event| event.hash[7] ^= 1),
    ];
    for (what, change) in changes {
        for at in [0, 4, 11] {
            let mut log = Log::new();
            change(&mut log.events[at]);
            if at == 11 {
                // The last line names the head as well, and is not what this is about.
                log.close();
            }
            expect(
                &log,
                &format!("{what} at {at}"),
                FaultKind::Changed,
                i64::try_from(at).unwrap() + 1,
            );
        }
    }
}

#[test]
fn dropped_events_are_named() {
    for count in [1, 3] {
        for at in [0_usize, 4, 8] {
            let first = i64::try_from(at).unwrap() + 1;
            let mut log = Log::new();
            log.anchors.clear();
            log.events.drain(at..at + count);
            log.close();
            expect(&log, "gap", FaultKind::Dropped, first);
            log.renumber();
            // One event must be left to follow the one after the gap.
            if at + count + 2 <= 12 {
                expect(&log, "renumbered", FaultKind::Dropped, first);
            }
        }
    }
    // From the end: the last line counts what was there; once it was mended, an anchor still knows.
    let mut log = Log::new();
    log.events.truncate(10);
    expect(&log, "end", FaultKind::Dropped, 11);
    let mut log = Log::new();
    log.events.truncate(6);
    log.close();
    expect(&log, "end, mended", FaultKind::Dropped, 7);
    // Control: without the anchor nobody could know.
    log.anchors.pop();
    assert!(matches!(log.verdict(), FileVerdict::Intact(proof) if proof.events == 6));
}

#[test]
fn inserted_events_are_named() {
    for at in [0_usize, 5, 11] {
        let place = i64::try_from(at).unwrap() + 1;
        let mut forged = event(place);
        forged.payload = "{}".to_owned();
        let previous = |log: &Log| {
            at.checked_sub(1)
                .map_or(FIRST_PREVIOUS_HASH, |before| log.events[before].hash)
        };
        for honest_hash in [false, true] {
            for renumber in [false, true] {
                let mut log = Log::new();
                log.anchors.clear();
                if honest_hash {
                    forged.hash = chain_hash(&previous(&log), &forged);
                }
                log.events.insert(at, forged.clone());
                if renumber {
                    log.renumber();
                }
                log.close();
                let what = format!("at {at}, own hash {honest_hash}, renumbered {renumber}");
                expect(&log, &what, FaultKind::Inserted, place);
            }
        }
    }
    let mut log = Log::new();
    let copy = log.events[2].clone();
    log.events.insert(7, copy);
    expect(&log, "a copy further down", FaultKind::Inserted, 3);
    let mut log = Log::new();
    let mut odd = event(999);
    odd.hash = [1; 32];
    log.events.insert(5, odd);
    expect(&log, "a position of its own", FaultKind::Inserted, 999);
    let mut log = Log::new();
    let mut more = event(13);
    more.hash = chain_hash(&log.events[11].hash, &more);
    log.events.push(more);
    expect(&log, "after the end", FaultKind::Inserted, 13);
}

#[test]
fn reordered_events_are_named() {
    for renumber in [false, true] {
        for (from, to, first) in [(4_usize, 5_usize, 5), (0, 1, 1), (3, 9, 4), (9, 3, 4), (10, 11, 11)] {
            let mut log = Log::new();
            log.anchors.clear();
            let moved = log.events.remove(from);
            log.events.insert(to, moved);
            if renumber {
                log.renumber();
            }
            log.close();
            let what = format!("{from} to {to}, renumbered {renumber}");
            expect(&log, &what, FaultKind::Reordered, first);
        }
    }
}
