//! The pass in order: what the threads could not see because it reaches from line to line.

use std::collections::{BTreeMap, HashMap};

use uuid::Uuid;

use super::line::{EventFacts, Line, Link, Part};
use super::{Fault, FaultKind, Proof};
use crate::anchor::{Anchor, AnchorPublicKey};
use crate::export::{End, FORMAT, HeaderLine};
use crate::hash::{FIRST_PREVIOUS_HASH, chain_hash};

/// Why the pass stopped.
pub(super) enum Stop {
    /// It is plain what is wrong.
    Fault(Fault),
    /// An event does not follow from the one before it; `diagnose` says which of the four it was.
    Chain(Doubt),
}

/// An event that does not follow from the one before it.
pub(super) struct Doubt {
    /// Its line.
    pub(super) line: u64,
    /// The version that its stream had before; its own should be the next.
    pub(super) stream_version: i64,
    /// Whether an anchor vouches for the event before it.
    pub(super) settled: bool,
}

/// What was seen so far.
pub(super) struct Chain {
    /// What the caller believes; the keys of the header count for nothing then.
    trusted: Option<Vec<AnchorPublicKey>>,
    keys: Vec<AnchorPublicKey>,
    header: Option<HeaderLine>,
    end: Option<End>,
    position: i64,
    hash: [u8; 32],
    versions: HashMap<Uuid, i64>,
    anchors: usize,
    anchored_up_to: Option<i64>,
    /// Anchors that speak of events still to come, with their lines.
    waiting: BTreeMap<i64, (u64, Anchor)>,
    /// The last line did not end with a line end.
    cut_off: bool,
}

impl Chain {
    pub(super) fn new(trusted: Option<Vec<AnchorPublicKey>>) -> Self {
        Self {
            keys: trusted.clone().unwrap_or_default(),
            trusted,
            header: None,
            end: None,
            position: 0,
            hash: FIRST_PREVIOUS_HASH,
            versions: HashMap::new(),
            anchors: 0,
            anchored_up_to: None,
            waiting: BTreeMap::new(),
            cut_off: false,
        }
    }

    /// Adds a part's lines; `Some` is the first that does not fit.
    pub(super) fn add_part(&mut self, part: &Part) -> Option<Stop> {
        self.cut_off = !part.whole;
        let last = part.lines.len().saturating_sub(1);
        for (number, (index, line)) in (part.first_line..).zip(part.lines.iter().enumerate()) {
            let cut_off = self.cut_off && index == last;
            let stop = match line {
                Line::Unreadable(_) if cut_off => Some(fault(
                    FaultKind::Truncated,
                    number,
                    None,
                    format!("the file ends in the middle of line {number}: it was cut off"),
                )),
                Line::Unreadable(why) => Some(fault(
                    FaultKind::Unreadable,
                    number,
                    None,
                    format!("line {number} cannot be read: {why}"),
                )),
                Line::Header(header) => self.add_header(number, header),
                _ if self.header.is_none() => Some(fault(
                    FaultKind::Unreadable,
                    number,
                    None,
                    "line 1 is not the header of an exported log".to_owned(),
                )),
                _ if self.end.is_some() => Some(fault(
                    FaultKind::Inserted,
                    number,
                    None,
                    format!("line {number} was inserted: it stands after the last line of the log"),
                )),
                Line::Event(event) => self.add_event(number, event),
                Line::Anchor(anchor) => self.add_anchor(number, anchor),
                Line::End(end) => self.add_end(number, end),
            };
            if stop.is_some() {
                return stop;
            }
        }
        None
    }

    fn add_header(&mut self, line: u64, header: &HeaderLine) -> Option<Stop> {
        let said = |sentence| Some(fault(FaultKind::Unreadable, line, None, sentence));
        if line > 1 {
            return said(format!("line {line} is a second header"));
        }
        if header.coterie_log != FORMAT {
            let format = header.coterie_log;
            return said(format!(
                "line 1: the format {format} is not known here, which reads {FORMAT}"
            ));
        }
        if self.trusted.is_none() {
            for text in &header.public_keys {
                match AnchorPublicKey::from_base64(text) {
                    Some(key) => self.keys.push(key),
                    None => return said("line 1: a public key is not 32 bytes in base64".to_owned()),
                }
            }
        }
        self.header = Some(HeaderLine {
            public_keys: header.public_keys.clone(),
            slug: header.slug.clone(),
            ..*header
        });
        None
    }

    fn add_event(&mut self, line: u64, event: &EventFacts) -> Option<Stop> {
        let linked = match &event.link {
            Link::Fits => true,
            Link::Broken => false,
            Link::Unknown(whole) => chain_hash(&self.hash, whole) == event.hash,
        };
        let version = self.versions.entry(event.stream).or_insert(0);
        if !linked || event.position != self.position + 1 || event.version != *version + 1 {
            return Some(Stop::Chain(Doubt {
                line,
                stream_version: *version,
                settled: self.position == 0 || self.anchored_up_to == Some(self.position),
            }));
        }
        *version = event.version;
        self.position = event.position;
        self.hash = event.hash;
        match self.waiting.remove(&self.position) {
            Some((line, anchor)) => self.compare(line, &anchor),
            None => None,
        }
    }

    fn add_anchor(&mut self, line: u64, anchor: &Anchor) -> Option<Stop> {
        let said = |sentence| Some(fault(FaultKind::Anchor, line, Some(anchor.position), sentence));
        if let Err(error) = anchor.check(&self.keys) {
            return said(format!(
                "the anchor for event {} on line {line} cannot be believed: {error}",
                anchor.position
            ));
        }
        if self
            .header
            .as_ref()
            .is_some_and(|header| header.tenant != anchor.tenant_id)
        {
            return said(format!("the anchor on line {line} is another organization's"));
        }
        if anchor.position > self.position {
            self.waiting.insert(anchor.position, (line, anchor.clone()));
            return None;
        }
        self.compare(line, anchor)
    }

    /// Holds an anchor to the event that was just added.
    fn compare(&mut self, line: u64, anchor: &Anchor) -> Option<Stop> {
        if anchor.position == self.position && anchor.hash == self.hash {
            self.anchors += 1;
            self.anchored_up_to = self.anchored_up_to.max(Some(anchor.position));
            return None;
        }
        let (from, to) = (self.anchored_up_to.map_or(1, |position| position + 1), anchor.position);
        let range = if from >= to {
            format!("event {to}")
        } else {
            format!("an event from {from} to {to}")
        };
        let signed = anchor.published_at;
        Some(fault(
            FaultKind::Recomputed,
            line,
            Some(from.min(to)),
            format!(
                "{range} was changed, dropped, inserted or reordered, and the chain was recomputed after it: the anchor for \
                 event {to}, signed {signed}, on line {line}, does not agree"
            ),
        ))
    }

    fn add_end(&mut self, line: u64, end: &End) -> Option<Stop> {
        let events = self.position;
        if end.events > events {
            let (from, to) = (events + 1, end.events);
            return Some(fault(
                FaultKind::Dropped,
                line,
                Some(from),
                format!("{} dropped: the last line counts {to}", were(from, to)),
            ));
        }
        if end.events < events {
            let (from, to) = (end.events + 1, events);
            return Some(fault(
                FaultKind::Inserted,
                line,
                Some(from),
                format!("{} inserted: the last line counts {}", were(from, to), end.events),
            ));
        }
        if let Some((position, (_, anchor))) = self.waiting.last_key_value() {
            return Some(fault(
                FaultKind::Dropped,
                line,
                Some(events + 1),
                format!(
                    "{} dropped from the end: an anchor for event {position}, signed {}, covers what is missing",
                    were(events + 1, *position),
                    anchor.published_at
                ),
            ));
        }
        if end.head != self.hash {
            return Some(fault(
                FaultKind::Changed,
                line,
                None,
                format!("line {line} was changed: the head it names is not the hash of the last event"),
            ));
        }
        if end.anchors != self.anchors {
            return Some(fault(
                FaultKind::Anchor,
                line,
                None,
                format!(
                    "there are {} anchors, and the last line counts {}",
                    self.anchors, end.anchors
                ),
            ));
        }
        self.end = Some(End { ..*end });
        None
    }

    /// At the end of the file, after `lines` lines.
    pub(super) fn finish(&self, lines: u64) -> Option<Stop> {
        let sentence = if lines == 0 {
            "the file is empty".to_owned()
        } else if self.end.is_none() {
            format!("the file ends after line {lines}, without its last line: it was cut off")
        } else {
            return None;
        };
        Some(fault(FaultKind::Truncated, lines, None, sentence))
    }

    /// What a file that was read to its end proves.
    pub(super) fn proof(&self) -> Proof {
        let (tenant_id, slug) = self.header.as_ref().map_or((Uuid::nil(), String::new()), |header| {
            (header.tenant, header.slug.clone())
        });
        Proof {
            tenant_id,
            slug,
            events: self.position,
            head: self.hash,
            anchors: self.anchors,
            anchored_up_to: self.anchored_up_to,
            key_ids: self.keys.iter().map(AnchorPublicKey::id).collect(),
        }
    }
}

/// "event 5 was" or "events 5 to 7 were".
pub(super) fn were(from: i64, to: i64) -> String {
    if from == to {
        format!("event {from} was")
    } else {
        format!("events {from} to {to} were")
    }
}

fn fault(kind: FaultKind, line: u64, position: Option<i64>, sentence: String) -> Stop {
    Stop::Fault(Fault {
        kind,
        line,
        position,
        sentence,
    })
}
