//! Which of changed, dropped, inserted and reordered it was, from what still fits: the hash that a line carries was made over
//! its position, its content and the hash before it, so a line that was moved or renumbered still says where it belongs.
//!
//! Every guess is tried, never believed: a line belongs at a place if its hash comes out right there.

use std::collections::VecDeque;
use std::fs::File;
use std::io::{self, BufRead, BufReader};
use std::path::Path;

use super::chain::{Doubt, were};
use super::line::{blank, read_event, tenant_of_header};
use super::{Fault, FaultKind};
use crate::event::RecordedEvent;
use crate::hash::{FIRST_PREVIOUS_HASH, chain_hash};

/// How many events before the place are looked at. More forged ones in a row are told as one that was changed.
const LOOK_BACK: usize = 64;
/// How many dropped events a renumbered gap may hide. One hash for each is tried.
const MOST_DROPPED: i64 = 10_000;

/// An event with its line.
struct Seen {
    line: u64,
    event: RecordedEvent,
}

/// Whether `event`, if it stood at `position`, would follow from `previous`.
fn belongs(previous: &[u8; 32], event: &RecordedEvent, position: i64) -> bool {
    if event.position == position {
        return chain_hash(previous, event) == event.hash;
    }
    let mut moved = event.clone();
    moved.position = position;
    chain_hash(previous, &moved) == event.hash
}

/// The events of the file, up to the first line that cannot be read.
fn events(path: &Path) -> io::Result<impl Iterator<Item = Seen>> {
    let mut lines = BufReader::new(File::open(path)?).split(b'\n');
    let tenant = match lines.next() {
        Some(header) => tenant_of_header(&header?),
        None => uuid::Uuid::nil(),
    };
    let numbered = (2..).zip(lines);
    let read = numbered.map_while(move |(line, text)| {
        let text = text.ok()?;
        let mut event = blank(tenant);
        match read_event(&text, &mut event) {
            Ok(()) => Some(Some(Seen { line, event })),
            // An anchor stands between events; anything else was garbage, and nothing after it counts.
            Err(_) => text.starts_with(b"{\"anchor\"").then_some(None),
        }
    });
    Ok(read.flatten())
}

/// The place and what is around it.
struct Site<'a> {
    path: &'a Path,
    doubt: &'a Doubt,
    before: VecDeque<Seen>,
    here: Seen,
    /// The position that belongs here, and the hash before it.
    expected: i64,
    previous: [u8; 32],
}

/// Looks again at the event that does not follow from the one before it.
pub(super) fn diagnose(path: &Path, doubt: &Doubt) -> io::Result<Fault> {
    let mut before: VecDeque<Seen> = VecDeque::new();
    for seen in events(path)? {
        if seen.line < doubt.line {
            if before.len() == LOOK_BACK {
                before.pop_front();
            }
            before.push_back(seen);
            continue;
        }
        let (expected, previous) = before.back().map_or((1, FIRST_PREVIOUS_HASH), |last| {
            (last.event.position + 1, last.event.hash)
        });
        let site = Site {
            path,
            doubt,
            before,
            here: seen,
            expected,
            previous,
        };
        return site.judge();
    }
    Err(io::Error::other("the file changed while it was read"))
}

impl Site<'_> {
    fn judge(&self) -> io::Result<Fault> {
        if belongs(&self.previous, &self.here.event, self.expected) {
            return if self.here.event.position == self.expected {
                self.stream_out_of_step()
            } else {
                Ok(self.said(
                    FaultKind::Changed,
                    self.expected,
                    format!(
                        "event {} was changed: it says that its position is {}",
                        self.expected, self.here.event.position
                    ),
                ))
            };
        }
        if let Some(fault) = self.repeated().or_else(|| self.inserted_before()) {
            return Ok(fault);
        }
        if let Some(fault) = self.belongs_later()? {
            return Ok(fault);
        }
        let (position, expected) = (self.here.event.position, self.expected);
        if position > expected {
            return Ok(self.dropped(position - 1, "the positions have a gap"));
        }
        if position < expected {
            return Ok(self.said(
                FaultKind::Inserted,
                position,
                format!(
                    "line {} was inserted: it says that it is event {position}, which has passed, where event {expected} belongs",
                    self.here.line
                ),
            ));
        }
        self.dropped_or_changed()
    }

    /// The same event a second time.
    fn repeated(&self) -> Option<Fault> {
        let original = self.before.iter().find(|seen| seen.event == self.here.event)?;
        Some(self.said(
            FaultKind::Inserted,
            self.here.event.position,
            format!(
                "line {} was inserted: it repeats event {} of line {}",
                self.here.line, self.here.event.position, original.line
            ),
        ))
    }

    /// Whether this event belongs where an earlier one stands: then what stands there was put in between.
    fn inserted_before(&self) -> Option<Fault> {
        let (mut position, mut last) = (self.expected, self.before.len());
        while let Some(at) = last.checked_sub(1) {
            (position, last) = (position - 1, at);
            let previous = match at.checked_sub(1) {
                Some(index) => self.before[index].event.hash,
                None if position == 1 => FIRST_PREVIOUS_HASH,
                None => return None,
            };
            if belongs(&previous, &self.here.event, position) {
                let (first, count) = (&self.before[at], self.before.len() - at);
                return Some(Fault {
                    line: first.line,
                    ..self.said(
                        FaultKind::Inserted,
                        position,
                        format!(
                            "{count} event{} inserted: line {} stands where the event of line {} belongs, which is event {position}",
                            if count == 1 { " was" } else { "s were" },
                            first.line,
                            self.here.line
                        ),
                    )
                });
            }
        }
        None
    }

    /// Whether the event that belongs here comes later. Then what stands here was moved, if it fits further on, or put in.
    fn belongs_later(&self) -> io::Result<Option<Fault>> {
        let mut rest = events(self.path)?.skip_while(|seen| seen.line <= self.here.line);
        let Some(found) = rest.find(|seen| belongs(&self.previous, &seen.event, self.expected)) else {
            return Ok(None);
        };
        let (mut hash, mut position) = (found.event.hash, self.expected + 1);
        let moved = loop {
            if belongs(&hash, &self.here.event, position) {
                break true;
            }
            match rest.next() {
                Some(next) if belongs(&hash, &next.event, position) => {
                    (hash, position) = (next.event.hash, position + 1);
                }
                _ => break false,
            }
        };
        Ok(Some(if moved {
            self.said(
                FaultKind::Reordered,
                self.expected,
                format!(
                    "events were reordered: event {} belongs on line {} and stands on line {}; line {} carries event {position}",
                    self.expected, self.here.line, found.line, self.here.line
                ),
            )
        } else {
            self.said(
                FaultKind::Inserted,
                self.here.event.position,
                format!(
                    "line {} was inserted: event {}, which belongs there, stands on line {}",
                    self.here.line, self.expected, found.line
                ),
            )
        }))
    }

    /// The hash does not fit, the position does: what came before was taken out and the rest renumbered, if the next event
    /// fits this one at a later position; otherwise this one was changed.
    fn dropped_or_changed(&self) -> io::Result<Fault> {
        let next = events(self.path)?.find(|seen| seen.line > self.here.line);
        if let Some(next) = &next {
            let hidden = (1..=MOST_DROPPED).find(|count| {
                let position = self.here.event.position + 1 + count;
                belongs(&self.here.event.hash, &next.event, position)
            });
            if let Some(count) = hidden {
                let last = self.expected + count - 1;
                return Ok(self.dropped(last, "the events after them were renumbered"));
            }
        }
        let recomputed = chain_hash(&self.previous, &self.here.event);
        let hash_alone = next.is_some_and(|next| belongs(&recomputed, &next.event, next.event.position));
        let content = "its content does not give the hash it carries";
        let why = if hash_alone {
            "the hash it carries is not its own".to_owned()
        } else if self.expected == 1 {
            format!("{content}, unless the header names another organization than it did")
        } else if self.doubt.settled {
            content.to_owned()
        } else {
            let before = self.expected - 1;
            format!("{content}, unless event {before} before it was changed and given a new hash")
        };
        let sentence = format!("event {} was changed: {why}", self.expected);
        Ok(self.said(FaultKind::Changed, self.expected, sentence))
    }

    /// The chain fits and the stream's versions do not: somebody recomputed the chain, and forgot the stream.
    fn stream_out_of_step(&self) -> io::Result<Fault> {
        let (position, wanted) = (self.here.event.position, self.doubt.stream_version + 1);
        let (stream, version) = (self.here.event.stream_id, self.here.event.version);
        let step = format!(
            "stream {stream} goes from version {} to {version} with event {position}, and the chain was recomputed",
            wanted - 1
        );
        if version < wanted {
            return Ok(self.said(FaultKind::Inserted, position, format!("an event was inserted: {step}")));
        }
        let later = events(self.path)?
            .filter(|seen| seen.line > self.here.line)
            .find(|seen| seen.event.stream_id == stream && seen.event.version == wanted);
        Ok(match later {
            Some(later) => self.said(
                FaultKind::Reordered,
                position,
                format!(
                    "events were reordered: {step}; its version {wanted} stands on line {}",
                    later.line
                ),
            ),
            None => self.said(FaultKind::Dropped, position, format!("an event was dropped: {step}")),
        })
    }

    fn dropped(&self, last: i64, why: &str) -> Fault {
        let sentence = format!(
            "{} dropped before line {}: {why}",
            were(self.expected, last),
            self.here.line
        );
        self.said(FaultKind::Dropped, self.expected, sentence)
    }

    /// A fault at this place, with the event that stands here named.
    fn said(&self, kind: FaultKind, position: i64, sentence: String) -> Fault {
        let Seen { line, event } = &self.here;
        let (event_type, category, stream) = (&event.event_type, &event.category, event.stream_id);
        Fault {
            kind,
            line: *line,
            position: Some(position),
            sentence: sentence + &format!(" (line {line}: {event_type} of {category}/{stream})"),
        }
    }
}
