//! Lines of an exported log. A round of the file is cut at line ends into a part for each thread, which parses its lines
//! and recomputes their hashes over the hash that the line before carries; what has an order is left to `chain`.

use std::io::{self, Read};

use jiff::Timestamp;
use uuid::Uuid;

use super::fast;
use crate::anchor::Anchor;
use crate::event::RecordedEvent;
use crate::export::{AnchorLine, End, EndLine, EventLine, HeaderLine};
use crate::hash::chain_hash;

/// What a thread takes in one round, in bytes.
const PART: usize = 2 << 20;
/// The longest line that is read, in bytes. The house writes none of a hundredth of it.
const LONGEST_LINE: usize = 64 << 20;

/// One line, as far as the pass in order needs it.
pub(super) enum Line {
    Header(HeaderLine),
    Event(EventFacts),
    Anchor(Anchor),
    End(End),
    /// Why it is none of them.
    Unreadable(String),
}

/// What is kept of an event.
pub(super) struct EventFacts {
    pub(super) position: i64,
    pub(super) stream: Uuid,
    pub(super) version: i64,
    pub(super) hash: [u8; 32],
    pub(super) link: Link,
}

/// Whether the event's hash follows from the hash before it.
pub(super) enum Link {
    Fits,
    Broken,
    /// The event before it was another thread's.
    Unknown(Box<RecordedEvent>),
}

/// Lines that follow each other, and the number of the first.
pub(super) struct Part {
    pub(super) first_line: u64,
    pub(super) lines: Vec<Line>,
    /// Whether the last line ended with a line end.
    pub(super) whole: bool,
}

/// Reads the file in rounds.
pub(super) struct Rounds<R> {
    source: R,
    threads: usize,
    buffer: Vec<u8>,
    /// How much of the buffer was handed out.
    used: usize,
    lines: u64,
    ended: bool,
    /// The organization of the first line, which every hash covers.
    tenant: Uuid,
}

impl<R: Read> Rounds<R> {
    pub(super) fn new(source: R, threads: usize) -> Self {
        Self {
            source,
            threads: threads.max(1),
            buffer: Vec::new(),
            used: 0,
            lines: 0,
            ended: false,
            tenant: Uuid::nil(),
        }
    }

    /// How many lines there were so far.
    pub(super) fn lines(&self) -> u64 {
        self.lines
    }

    /// The next parts in order, or `None` at the end.
    pub(super) fn next_round(&mut self) -> io::Result<Option<Vec<Part>>> {
        self.fill()?;
        let end = match memchr::memrchr(b'\n', &self.buffer) {
            Some(last) => last + 1,
            None => self.buffer.len(),
        };
        // The rest is a line that goes on in the next round; at the end of the file it is the last one.
        let end = if self.ended { self.buffer.len() } else { end };
        if end == 0 {
            return Ok(None);
        }
        if self.lines == 0 {
            self.tenant = tenant_of_header(&self.buffer);
        }
        let tenant = self.tenant;
        let texts = cut(&self.buffer[..end], self.threads);
        let Some((first, others)) = texts.split_first() else {
            return Ok(None);
        };
        let mut parts: Vec<Part> = std::thread::scope(|scope| {
            let others: Vec<_> = others
                .iter()
                .map(|text| scope.spawn(move || parse(text, tenant)))
                .collect();
            let mut parts = vec![parse(first, tenant)];
            for other in others {
                parts.push(other.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)));
            }
            parts
        });
        for part in &mut parts {
            part.first_line = self.lines + 1;
            self.lines += part.lines.len() as u64;
        }
        self.used = end;
        Ok(Some(parts))
    }

    fn fill(&mut self) -> io::Result<()> {
        self.buffer.drain(..self.used);
        self.used = 0;
        let mut wanted = (self.threads * PART).max(self.buffer.len());
        while !self.ended {
            let missing = wanted.saturating_sub(self.buffer.len());
            let read = self
                .source
                .by_ref()
                .take(missing as u64)
                .read_to_end(&mut self.buffer)?;
            self.ended = read < missing;
            if memchr::memchr(b'\n', &self.buffer).is_some() {
                return Ok(());
            }
            if self.buffer.len() > LONGEST_LINE {
                return Err(io::Error::new(
                    io::ErrorKind::InvalidData,
                    format!("line {} is longer than {LONGEST_LINE} bytes", self.lines + 1),
                ));
            }
            wanted *= 2;
        }
        Ok(())
    }
}

/// Cuts a text at line ends into at most `count` pieces of about the same size.
fn cut(mut text: &[u8], count: usize) -> Vec<&[u8]> {
    let size = text.len().div_ceil(count);
    let mut pieces = Vec::with_capacity(count);
    while !text.is_empty() {
        let end = if text.len() <= size || pieces.len() + 1 == count {
            text.len()
        } else {
            memchr::memchr(b'\n', &text[size..]).map_or(text.len(), |after| size + after + 1)
        };
        let (piece, rest) = text.split_at(end);
        pieces.push(piece);
        text = rest;
    }
    pieces
}

/// Parses a part and recomputes what can be recomputed without the part before it.
fn parse(text: &[u8], tenant: Uuid) -> Part {
    let whole = text.last() == Some(&b'\n');
    let text = text.strip_suffix(b"\n").unwrap_or(text);
    let mut lines = Vec::with_capacity(text.len() / 700);
    let mut previous: Option<[u8; 32]> = None;
    // One event that is filled again and again: five texts less to allocate for each line.
    let mut event = blank(tenant);
    let mut start = 0;
    while start <= text.len() {
        let end = memchr::memchr(b'\n', &text[start..]).map_or(text.len(), |length| start + length);
        let line = &text[start..end];
        start = end + 1;
        lines.push(match kind(line) {
            Kind::Event => match read_event(line, &mut event) {
                Ok(()) => Line::Event(EventFacts {
                    position: event.position,
                    stream: event.stream_id,
                    version: event.version,
                    hash: event.hash,
                    link: match previous.replace(event.hash) {
                        None => Link::Unknown(Box::new(event.clone())),
                        Some(previous) if chain_hash(&previous, &event) == event.hash => Link::Fits,
                        Some(_) => Link::Broken,
                    },
                }),
                Err(error) => Line::Unreadable(error),
            },
            Kind::Header => read_as(line, Line::Header),
            Kind::End => read_as::<EndLine>(line, |line| Line::End(line.end)),
            Kind::Anchor => read_anchor(line).map_or_else(Line::Unreadable, Line::Anchor),
        });
    }
    Part {
        first_line: 0,
        lines,
        whole,
    }
}

/// The organization of the first line; the nil UUID where that is no header, which `chain` will say.
pub(super) fn tenant_of_header(text: &[u8]) -> Uuid {
    let line = text.split(|byte| *byte == b'\n').next().unwrap_or_default();
    serde_json::from_slice::<HeaderLine>(line).map_or(Uuid::nil(), |header| header.tenant)
}

enum Kind {
    Header,
    Event,
    Anchor,
    End,
}

/// By the first key, wherever spaces are.
fn kind(line: &[u8]) -> Kind {
    if line.starts_with(b"{\"position\":") {
        return Kind::Event;
    }
    let mut quoted = line.split(|byte| *byte == b'"');
    match quoted.nth(1) {
        Some(b"coterie_log") => Kind::Header,
        Some(b"anchor") => Kind::Anchor,
        Some(b"end") => Kind::End,
        _ => Kind::Event,
    }
}

fn utf8(line: &[u8]) -> Result<&str, String> {
    std::str::from_utf8(line).map_err(|_| "it is not UTF-8".to_owned())
}

fn read_as<'a, T: serde::Deserialize<'a>>(line: &'a [u8], then: impl FnOnce(T) -> Line) -> Line {
    let read = utf8(line).and_then(|line| serde_json::from_str(line).map_err(|error| error.to_string()));
    read.map_or_else(Line::Unreadable, then)
}

fn read_anchor(line: &[u8]) -> Result<Anchor, String> {
    let line: AnchorLine<'_> = serde_json::from_str(utf8(line)?).map_err(|error| error.to_string())?;
    Anchor::from_json(line.anchor.get()).map_err(|error| error.to_string())
}

/// Reads an event's line into `event`, all but the tenant, which stands in the header.
pub(super) fn read_event(line: &[u8], event: &mut RecordedEvent) -> Result<(), String> {
    let line = utf8(line)?;
    match fast::read(line, event) {
        Some(()) => Ok(()),
        None => read_patiently(line, event),
    }
}

/// The same for lines that somebody else wrote, or that are no event's.
pub(super) fn read_patiently(line: &str, event: &mut RecordedEvent) -> Result<(), String> {
    let read: EventLine<'_> = serde_json::from_str(line).map_err(|error| error.to_string())?;
    let instant = |us| Timestamp::from_microsecond(us).map_err(|_| "a time lies outside the calendar".to_owned());
    event.position = read.position;
    event.stream_id = read.stream;
    event.version = read.version;
    event.event_version = read.type_version;
    event.command_id = read.command;
    event.causation = read.causation;
    event.correlation_id = read.correlation;
    event.occurred_at = instant(read.occurred_us)?;
    event.recorded_at = instant(read.recorded_us)?;
    event.hash = read.hash;
    for (text, instead) in [
        (&mut event.category, read.category),
        (&mut event.event_type, read.r#type),
        (&mut event.actor, read.actor),
        (&mut event.payload, read.payload),
    ] {
        text.clear();
        text.push_str(&instead);
    }
    Ok(())
}

/// An event of this organization with nothing in it.
pub(super) fn blank(tenant: Uuid) -> RecordedEvent {
    RecordedEvent {
        tenant_id: tenant,
        position: 0,
        category: String::new(),
        stream_id: Uuid::nil(),
        version: 0,
        event_type: String::new(),
        event_version: 0,
        actor: String::new(),
        command_id: Uuid::nil(),
        causation: None,
        correlation_id: Uuid::nil(),
        occurred_at: Timestamp::UNIX_EPOCH,
        recorded_at: Timestamp::UNIX_EPOCH,
        payload: String::new(),
        hash: [0; 32],
        opened: None,
    }
}
