//! Proving an exported log without the database: `verify_file`.
//!
//! - `line`: one line of the file, and reading the file in rounds that many threads share; `fast` reads the usual line;
//! - `chain`: the pass in order: positions, streams, anchors, the last line;
//! - `diagnose`: once something does not fit, which of changed, dropped, inserted and reordered it was.
//!
//! The file is read once, in bounded memory; only what does not fit is looked at a second time.

mod chain;
mod diagnose;
mod fast;
mod line;
#[cfg(test)]
mod tests;

use std::fs::File;
use std::io;
use std::path::Path;
use uuid::Uuid;

use crate::anchor::AnchorPublicKey;

/// What verifying a file found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FileVerdict {
    /// Every event is what it was when it was appended, as far as the chain and the anchors can say.
    Intact(Proof),
    /// The first place where the file is not what it was.
    Broken(Fault),
}

/// What an intact file proves.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Proof {
    /// The organization.
    pub tenant_id: Uuid,
    /// Its slug, which nothing covers.
    pub slug: String,
    /// How many events were recomputed.
    pub events: i64,
    /// The last event's hash; 32 zero bytes without events.
    pub head: [u8; 32],
    /// How many anchors agree.
    pub anchors: usize,
    /// The last position that an anchor vouches for; what comes after it rests on the chain alone.
    pub anchored_up_to: Option<i64>,
    /// Ids of the keys that were believed.
    pub key_ids: Vec<String>,
}

/// The first place where a file is not what it was.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// Which of them it was.
    pub kind: FaultKind,
    /// The line in question, counted from 1.
    pub line: u64,
    /// The event in question, where it is about one.
    pub position: Option<i64>,
    /// What is wrong, as a sentence for people.
    pub sentence: String,
}

/// What can have happened to a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FaultKind {
    /// An event, or the last line, says something else than it did.
    Changed,
    /// Events are missing.
    Dropped,
    /// Something is there that was not.
    Inserted,
    /// Events stand in another order.
    Reordered,
    /// The whole chain was recomputed behind one of the four; only the anchors show it, and a range of events.
    Recomputed,
    /// An anchor cannot be believed.
    Anchor,
    /// A line is not what this format has.
    Unreadable,
    /// The file ends too early.
    Truncated,
}

/// Proves an exported log, or names the first place where it is not what it was.
///
/// Whoever hands the file over may have made it from end to end, keys included: with `trusted` the file's own keys count
/// for nothing.
///
/// # Errors
/// When the file cannot be read.
pub fn verify_file(path: &Path, trusted: Option<&[AnchorPublicKey]>) -> io::Result<FileVerdict> {
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    let mut chain = chain::Chain::new(trusted.map(<[_]>::to_vec));
    let mut rounds = line::Rounds::new(File::open(path)?, threads);
    let fault = loop {
        let Some(round) = rounds.next_round()? else {
            break chain.finish(rounds.lines());
        };
        if let Some(fault) = round.iter().find_map(|part| chain.add_part(part)) {
            break Some(fault);
        }
    };
    match fault {
        None => Ok(FileVerdict::Intact(chain.proof())),
        Some(chain::Stop::Fault(fault)) => Ok(FileVerdict::Broken(fault)),
        Some(chain::Stop::Chain(doubt)) => diagnose::diagnose(path, &doubt).map(FileVerdict::Broken),
    }
}
