//! Proving an exported log offline, beside a plain pass over the same bytes: parse each line, hash each line, one thread.

use coterie_eventlog::{FIRST_PREVIOUS_HASH, FileVerdict, RecordedEvent, chain_hash, verify_file, write_event};
use jiff::Timestamp;
use sha2::{Digest as _, Sha256};
use std::fs::File;
use std::io::{BufWriter, Write as _};
use std::path::Path;
use std::time::Instant;
use uuid::Uuid;

const EVENTS: i64 = 1_000_000;
const STREAMS: i64 = 50_000;
const ROUNDS: usize = 3;
/// What it is held to on two cores, printed beside the figure.
const GOAL: f64 = 500_000.0;

/// Prints ours, baseline and ratio, the best of three rounds each.
pub fn run() {
    let path = std::env::temp_dir().join(format!("coterie-bench-{}.ndjson", std::process::id()));
    let payload = write_log(&path).expect("the log can be written");
    let (mut ours, mut plain) = (f64::MAX, f64::MAX);
    for _ in 0..ROUNDS {
        let start = Instant::now();
        let verdict = verify_file(&path, None).expect("the file can be read");
        ours = ours.min(start.elapsed().as_secs_f64());
        assert!(matches!(verdict, FileVerdict::Intact(_)), "{verdict:?}");
        let start = Instant::now();
        plain_pass(&path).expect("the file can be read");
        plain = plain.min(start.elapsed().as_secs_f64());
    }
    drop(std::fs::remove_file(&path));
    #[expect(clippy::cast_precision_loss, reason = "figures for people")]
    let per_second = |seconds: f64| EVENTS as f64 / seconds;
    let (ours, plain) = (per_second(ours), per_second(plain));
    println!(
        "offline verify, {EVENTS} events, payload {payload} bytes: {ours:.0} events/s, plain parse and hash {plain:.0}, ratio \
         {:.2} (goal {GOAL:.0} events/s: {})",
        ours / plain,
        if ours >= GOAL { "met" } else { "missed" }
    );
}

fn write_log(path: &Path) -> std::io::Result<usize> {
    let mut file = BufWriter::with_capacity(1 << 20, File::create(path)?);
    let tenant = Uuid::from_u128(7);
    writeln!(
        file,
        "{{\"coterie_log\":1,\"tenant\":\"{tenant}\",\"slug\":\"bench\",\"public_keys\":[]}}"
    )?;
    let (mut hash, mut payload) = (FIRST_PREVIOUS_HASH, 0);
    for position in 1..=EVENTS {
        let mut event = event(tenant, position);
        hash = chain_hash(&hash, &event);
        event.hash = hash;
        payload = event.payload.len();
        write_event(&mut file, &event)?;
    }
    let head = hash
        .iter()
        .fold(String::new(), |head, byte| format!("{head}{byte:02x}"));
    writeln!(
        file,
        "{{\"end\":{{\"events\":{EVENTS},\"anchors\":0,\"head\":\"{head}\"}}}}"
    )?;
    file.flush()?;
    Ok(payload)
}

fn event(tenant_id: Uuid, position: i64) -> RecordedEvent {
    let id = |number: i64| Uuid::new_v5(&tenant_id, &number.to_be_bytes());
    let at = Timestamp::from_microsecond(1_768_903_200_000_000 + position).expect("in range");
    RecordedEvent {
        tenant_id,
        position,
        category: "booking".to_owned(),
        stream_id: id(position % STREAMS),
        version: (position - 1) / STREAMS + 1,
        event_type: "BookingConfirmed".to_owned(),
        event_version: 1,
        actor: format!("member:{}", id(-position)),
        command_id: id(-position),
        causation: (position % 2 == 0).then(|| position - 1),
        correlation_id: id(-position),
        occurred_at: at,
        recorded_at: at,
        payload: format!(
            "{{\"booking_id\":\"{}\",\"resource_id\":\"{tenant_id}\",\"member_id\":\"{tenant_id}\",\
             \"starts_at\":\"2026-01-22T12:00:00Z\",\"ends_at\":\"2026-01-22T16:00:00Z\",\"time_zone\":\"Europe/Berlin\",\
             \"charged\":{{\"minor\":2000,\"currency\":\"EUR\"}},\"position\":{position:012}}}",
            id(position % STREAMS)
        ),
        hash: [0; 32],
        opened: None,
    }
}

/// What nobody can do with less: every line parsed and hashed once.
fn plain_pass(path: &Path) -> std::io::Result<()> {
    let bytes = std::fs::read(path)?;
    let mut digests = 0_u8;
    for line in bytes.split(|byte| *byte == b'\n').filter(|line| !line.is_empty()) {
        let parsed: serde_json::Value = serde_json::from_slice(line)?;
        std::hint::black_box(&parsed);
        digests ^= Sha256::digest(line)[0];
    }
    std::hint::black_box(digests);
    Ok(())
}
