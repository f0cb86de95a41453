//! A chain that was recomputed from end to end: only the anchors know.

use super::{EVENTS, FaultKind, FileVerdict, Log, expect, fault, key, verify};
use crate::anchor::AnchorPublicKey;

type Tampering = fn(&mut Log);

#[test]
fn a_recomputed_chain_is_refused_by_the_anchors_and_by_nothing_else() {
    let cases: [(&str, Tampering, i64); 6] = [
        ("changed", |log| log.events[1].payload.push(' '), 1),
        ("changed later", |log| log.events[5].payload.push(' '), 5),
        (
            "dropped",
            // The last of its stream, so that the versions stay in step.
            |log| drop(log.events.remove(9)),
            0,
        ),
        (
            "dropped with its stream's later versions renumbered",
            |log| {
                log.events.remove(1);
                for event in &mut log.events {
                    if event.stream_id == super::event(2).stream_id {
                        event.version -= 1;
                    }
                }
            },
            1,
        ),
        (
            "inserted",
            |log| {
                let mut forged = super::event(6);
                (forged.stream_id, forged.version) = (uuid::Uuid::from_u128(0x99), 1);
                log.events.insert(5, forged);
            },
            5,
        ),
        ("reordered", |log| log.events.swap(4, 5), 5),
    ];
    for (what, tamper, first) in cases {
        let mut log = Log::new();
        tamper(&mut log);
        log.recompute();
        if first == 0 {
            // After the last anchor the chain is all there is, and it was recomputed.
            assert!(matches!(log.verdict(), FileVerdict::Intact(proof) if proof.anchored_up_to == Some(8)));
            continue;
        }
        expect(&log, what, FaultKind::Recomputed, first);
        let told = log.fault().sentence;
        let last = if first == 1 { 4 } else { 8 };
        assert!(told.contains(&format!("from {first} to {last}")), "{told}");
        // Control: the chain alone takes it for intact.
        log.anchors.clear();
        assert!(matches!(log.verdict(), FileVerdict::Intact(_)), "{what}");
    }
}

#[test]
fn streams_that_are_out_of_step_are_named_without_anchors() {
    let cases: [(&str, Tampering, FaultKind, i64); 3] = [
        ("dropped", |log| drop(log.events.remove(1)), FaultKind::Dropped, 4),
        (
            "inserted",
            |log| log.events.insert(6, super::event(4)),
            FaultKind::Inserted,
            7,
        ),
        ("reordered", |log| log.events.swap(1, 4), FaultKind::Reordered, 2),
    ];
    for (what, tamper, kind, position) in cases {
        let mut log = Log::new();
        log.anchors.clear();
        tamper(&mut log);
        log.recompute();
        expect(&log, what, kind, position);
    }
}

#[test]
fn an_anchor_that_was_touched_is_named() {
    let mut log = Log::new();
    log.anchors[1].hash[0] ^= 1;
    expect(&log, "another hash", FaultKind::Anchor, 8);
    // Moved to the hash that a recomputed chain has, without the key.
    let mut log = Log::new();
    log.events[5].payload.push(' ');
    log.recompute();
    log.anchors[1].hash = log.events[7].hash;
    expect(&log, "moved", FaultKind::Anchor, 8);
    // Signed anew with another key, which the header does not name.
    let mut log = Log::new();
    let head = crate::head::Head {
        position: 8,
        hash: log.events[7].hash,
        occurred_at: log.events[7].occurred_at,
    };
    log.anchors[1] = key(8).sign(super::TENANT, &head, jiff::Timestamp::UNIX_EPOCH);
    expect(&log, "another key", FaultKind::Anchor, 8);
    // Another organization's.
    log.anchors[1] = key(7).sign(uuid::Uuid::nil(), &head, jiff::Timestamp::UNIX_EPOCH);
    expect(&log, "another organization", FaultKind::Anchor, 8);
    // Taken away, while the last line still counts it.
    let log = Log::new();
    let text: Vec<String> = log.text().lines().map(str::to_owned).collect();
    let without = text
        .iter()
        .filter(|line| !line.contains("\"anchor\"") || line.contains(":4,"));
    let without = without.cloned().collect::<Vec<_>>().join("\n") + "\n";
    assert_eq!(fault(verify(&without, None)).kind, FaultKind::Anchor);
}

/// The file of a forger proves itself to nobody who knows the true key.
#[test]
fn a_key_of_ones_own_beats_the_keys_of_the_file() {
    let mut forged = Log::new();
    forged.anchors.clear();
    forged.events[5].payload.push(' ');
    forged.recompute();
    let head = crate::head::Head {
        position: EVENTS,
        hash: forged.end_head,
        occurred_at: forged.events[11].occurred_at,
    };
    forged
        .anchors
        .push(key(8).sign(super::TENANT, &head, jiff::Timestamp::UNIX_EPOCH));
    let text = forged
        .text()
        .replace(&key(7).public().to_base64(), &key(8).public().to_base64());
    assert!(
        matches!(verify(&text, None), FileVerdict::Intact(_)),
        "it proves itself"
    );
    let true_key: [AnchorPublicKey; 1] = [key(7).public()];
    let found = fault(verify(&text, Some(&true_key)));
    assert_eq!(found.kind, FaultKind::Anchor);
    assert!(
        found.sentence.contains("none of the trusted keys"),
        "{}",
        found.sentence
    );
    // The honest file passes with it.
    let honest = verify(&Log::new().text(), Some(&true_key));
    assert!(matches!(honest, FileVerdict::Intact(proof) if proof.anchors == 2));
}
