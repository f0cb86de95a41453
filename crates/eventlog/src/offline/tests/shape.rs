//! Files that are no whole log, and rounds that cut lines anywhere.

use super::super::chain::Chain;
use super::super::line::Rounds;
use super::{FaultKind, FileVerdict, Log, TempFile, fault, verify};
use std::io::Read;

fn lines(log: &Log) -> Vec<String> {
    log.text().lines().map(str::to_owned).collect()
}

#[track_caller]
fn expect(lines: &[String], kind: FaultKind, line: u64, said: &str) {
    let found = fault(verify(&(lines.join("\n") + "\n"), None));
    assert_eq!((found.kind, found.line), (kind, line), "{found:?}");
    assert!(found.sentence.contains(said), "{found:?}");
}

#[test]
fn what_cannot_be_read_is_told_with_its_line() {
    let whole = lines(&Log::new());
    let with = |at: usize, instead: &str| {
        let mut lines = whole.clone();
        lines[at] = instead.to_owned();
        lines
    };
    let unreadable = FaultKind::Unreadable;
    expect(&with(3, "garbage"), unreadable, 4, "line 4 cannot be read");
    expect(&with(3, ""), unreadable, 4, "line 4 cannot be read");
    expect(&with(3, "{\"position\":3}"), unreadable, 4, "missing field");
    let smuggled = whole[3].replacen('{', "{\"more\":1,", 1);
    expect(&with(3, &smuggled), unreadable, 4, "unknown field");
    expect(&whole[1..], unreadable, 1, "line 1 is not the header");
    expect(&with(3, &whole[0]), unreadable, 4, "a second header");
    expect(&with(0, &whole[0].replace(":1,", ":9,")), unreadable, 1, "format 9");
    expect(&["hello".to_owned()], unreadable, 1, "line 1 cannot be read");
    let mut more = whole.clone();
    more.push(whole[3].clone());
    expect(&more, FaultKind::Inserted, 17, "after the last line");
    let bytes = [Log::new().text().as_bytes(), b"\xff\xfe\n"].concat();
    let found = fault(super::super::verify_file(&TempFile::new(&bytes).0, None).unwrap());
    assert_eq!((found.kind, found.line), (unreadable, 17));
}

#[test]
fn a_file_that_was_cut_off_says_so() {
    let text = Log::new().text();
    let places = text.char_indices().map(|(at, _)| at);
    for at in places.filter(|at| at % 23 == 0 || at + 4 > text.len()) {
        let cut = &text[..at];
        let found = match verify(cut, None) {
            FileVerdict::Broken(found) => found,
            // Without its last line end the text is whole.
            FileVerdict::Intact(_) => {
                assert_eq!(cut.len() + 1, text.len());
                continue;
            }
        };
        assert_eq!(found.kind, FaultKind::Truncated, "{at}: {found:?}");
    }
    let found = fault(verify("", None));
    assert_eq!(found.sentence, "the file is empty");
}

/// A reader that gives a few bytes at a time.
struct Dripping<'a>(&'a [u8], usize);

impl Read for Dripping<'_> {
    fn read(&mut self, into: &mut [u8]) -> std::io::Result<usize> {
        let count = self.1.min(into.len()).min(self.0.len());
        into[..count].copy_from_slice(&self.0[..count]);
        self.0 = &self.0[count..];
        Ok(count)
    }
}

/// Threads and rounds change nothing in what is found.
#[test]
fn any_number_of_threads_sees_the_same() {
    let text = Log::new().text();
    let changed = text.replacen("9\\\\\\\"", "8\\\\\\\"", 1);
    assert!(text != changed, "the payload of event 9 is another one now");
    for threads in [1, 2, 3, 7, 64] {
        for (text, line) in [(&text, None), (&changed, Some(12))] {
            let mut rounds = Rounds::new(Dripping(text.as_bytes(), 97), threads);
            let mut chain = Chain::new(None);
            let mut stopped = None;
            while let Some(round) = rounds.next_round().unwrap() {
                stopped = stopped.or_else(|| round.iter().find_map(|part| chain.add_part(part)));
            }
            let stopped = stopped.or_else(|| chain.finish(rounds.lines()));
            let at = stopped.map(|stop| match stop {
                super::super::chain::Stop::Chain(doubt) => doubt.line,
                super::super::chain::Stop::Fault(fault) => fault.line,
            });
            assert_eq!(at, line, "{threads} threads");
        }
    }
}
