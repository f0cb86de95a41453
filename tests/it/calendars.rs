//! What a calendar feed looks like outside: the Python package `icalendar` reads it, strictly, and says what it read. It is
//! shown broken files too, so that a judge which accepts everything would be noticed.

use coterie_documents::calendar::{Entry, Feed, write};
use coterie_domain::BookingId;
use coterie_tests::skip::{python, skip};
use serde_json::{Value, json};
use std::{path::PathBuf, process::Stdio};
use tokio::io::AsyncWriteExt;
use uuid::Uuid;

/// Reads a calendar from standard input; whatever RFC 5545 does not allow ends it with a word.
const JUDGE: &str = r#"
import json, sys
from datetime import timezone
from icalendar import Calendar
from icalendar.parser import unescape_char
raw = sys.stdin.buffer.read()
assert raw.endswith(b"END:VCALENDAR\r\n"), "the end"
lines = raw.split(b"\r\n")
assert all(len(line) <= 75 for line in lines), "a line of more than 75 octets"
assert not any(b"\n" in line or b"\r" in line for line in lines), "a bare line end"
[line.decode("utf-8") for line in lines]
calendar = Calendar.from_ical(raw)
faults = [str(fault) for part in calendar.walk() for fault in part.errors]
assert not faults, faults
assert calendar["VERSION"] == "2.0" and calendar["PRODID"]
assert str(calendar["NAME"]) == str(calendar["X-WR-CALNAME"]), "one name"
events = []
for event in calendar.walk("VEVENT"):
    for name in ("UID", "DTSTAMP", "DTSTART", "DTEND"):
        assert name in event and not isinstance(event[name], list), name
    times = [event[name].dt for name in ("DTSTART", "DTEND", "DTSTAMP", "LAST-MODIFIED", "CREATED")]
    assert all(time.utcoffset().total_seconds() == 0 for time in times), "UTC"
    assert times[0] < times[1], "it ends after it starts"
    events.append({
        "uid": str(event["UID"]), "summary": str(event["SUMMARY"]), "location": str(event["LOCATION"]),
        "status": str(event["STATUS"]), "sequence": int(event["SEQUENCE"]), "transparent": str(event["TRANSP"]),
        "start": times[0].isoformat(), "end": times[1].isoformat(),
        "stamp": times[2].isoformat(), "changed": times[3].isoformat(),
    })
assert len({event["uid"] for event in events}) == len(events), "a name for each"
# The package reads X- properties as they stand; RFC 5545, 3.8.8.2, has them escaped as texts.
name = unescape_char(str(calendar["X-WR-CALNAME"]))
print(json.dumps({"name": name, "events": events}))
"#;

/// The interpreter with the judge; `None` notes that the test named did not run.
pub async fn judge(test: &str) -> Option<PathBuf> {
    let found = match python() {
        Some(python) => {
            let asked = tokio::process::Command::new(&python)
                .args(["-c", "import icalendar"])
                .output()
                .await;
            asked.is_ok_and(|output| output.status.success()).then_some(python)
        }
        None => None,
    };
    if found.is_none() {
        skip(
            test,
            "no Python with the icalendar package (COTERIE_PYTHON, .local/python)",
        );
    }
    found
}

async fn read(python: &PathBuf, calendar: &str) -> Result<Value, String> {
    let mut child = tokio::process::Command::new(python)
        .args(["-c", JUDGE])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .expect("python starts");
    let mut stdin = child.stdin.take().expect("stdin");
    stdin.write_all(calendar.as_bytes()).await.expect("written");
    drop(stdin);
    let output = child.wait_with_output().await.expect("python ends");
    if output.status.success() {
        return Ok(serde_json::from_slice(&output.stdout).expect("JSON"));
    }
    Err(String::from_utf8_lossy(&output.stderr).into_owned())
}

/// What the judge read.
///
/// # Panics
/// When it refuses the file.
pub async fn judged(python: &PathBuf, calendar: &str) -> Value {
    let read = read(python, calendar).await;
    read.unwrap_or_else(|refused| panic!("{refused}\n{calendar}"))
}

const NASTY: [&str; 6] = [
    "Süd; \"A, B\" \\ Elbe",
    "Zeile eins\nZeile zwei; drei, vier",
    "\\n is no line end, \\\\; nor is \\N",
    "Straße 東京 🗝 Übergrößenträgerin und noch viel mehr, damit die Zeile länger als fünfundsiebzig Oktette wird; wirklich",
    "BEGIN:VEVENT\nUID:forged",
    " : leading space, and an ü at the fold ------------------------------------ üüüüüüüüüüüüüüüüüüüüüü",
];

fn feed<'a>(name: &'a str, texts: &[&'a str]) -> Feed<'a> {
    let at = |text: &str| text.parse().expect("an instant");
    let entry = |(number, text): (u128, &&'a str)| Entry {
        booking_id: BookingId(Uuid::from_u128(number)),
        summary: text,
        location: text,
        starts_at: at("2026-01-22T09:00:00Z"),
        ends_at: at("2026-01-22T10:30:00Z"),
        cancelled: number % 2 == 1,
        sequence: 7,
        made_at: at("2026-01-20T09:00:00.123456Z"),
        changed_at: at("2026-01-21T09:00:00.999Z"),
    };
    Feed {
        name,
        entries: (0..).zip(texts).map(entry).collect(),
    }
}

#[tokio::test]
async fn every_text_survives_escaping_and_folding() {
    let Some(python) = judge("calendars::every_text_survives_escaping_and_folding").await else {
        return;
    };
    let read_back = judged(&python, &write(&feed(NASTY[0], &NASTY))).await;
    assert_eq!(read_back["name"], NASTY[0]);
    let events = read_back["events"].as_array().expect("events");
    assert_eq!(events.len(), NASTY.len(), "nothing was forged: {events:?}");
    for (event, text) in events.iter().zip(NASTY) {
        assert_eq!((&event["summary"], &event["location"]), (&json!(text), &json!(text)));
        assert_eq!(event["start"], "2026-01-22T09:00:00+00:00");
        assert_eq!(event["changed"], "2026-01-21T09:00:00+00:00");
    }
    assert_eq!(
        (&events[1]["status"], &events[1]["transparent"]),
        (&json!("CANCELLED"), &json!("TRANSPARENT"))
    );
    // A calendar without anything in it is one all the same.
    let empty = judged(&python, &write(&feed("Elbe", &[]))).await;
    assert_eq!(empty["events"], json!([]));
}

#[tokio::test]
async fn control_the_judge_refuses_what_is_broken() {
    let Some(python) = judge("calendars::control_the_judge_refuses_what_is_broken").await else {
        return;
    };
    let whole = write(&feed("Elbe", &["Elbe"]));
    judged(&python, &whole).await;
    for (broken, what) in [
        (whole.replace("\r\n", "\n"), "bare line ends"),
        (whole.replace("END:VEVENT\r\n", ""), "an event without an end"),
        (whole.replace("DTSTART:2026", "DTSTART:20x6"), "a time that is none"),
        (whole.replace("SUMMARY:", "SUMMARY "), "a line without a name"),
        (whole.replace("UID:", "X-UID:"), "an event without a name"),
        (
            whole.replace("SUMMARY:", &format!("SUMMARY:{}", "x".repeat(80))),
            "a long line",
        ),
    ] {
        assert!(read(&python, &broken).await.is_err(), "{what} passed");
    }
}
