//! How far a rebuild is: one line that changes on a terminal, now and then a line elsewhere.

use coterie_eventlog::Filled;
use std::io::{IsTerminal as _, Write};
use std::time::{Duration, Instant};

/// How often a line is written where nobody watches it change.
const PLAIN_EVERY: Duration = Duration::from_secs(5);
const WIDTH: i64 = 30;

pub(super) struct Bar<'a> {
    err: &'a mut dyn Write,
    name: String,
    terminal: bool,
    last_plain: Option<Instant>,
}

impl<'a> Bar<'a> {
    pub(super) fn new(err: &'a mut dyn Write, name: &str) -> Self {
        Self {
            err,
            name: name.to_owned(),
            terminal: std::io::stderr().is_terminal(),
            last_plain: None,
        }
    }

    pub(super) fn show(&mut self, filled: Filled) {
        let line = line(&self.name, filled);
        // A progress line that cannot be written is no reason to stop.
        if self.terminal {
            let _ = write!(self.err, "\r\x1b[2K{line}");
            let _ = self.err.flush();
        } else if self.last_plain.is_none_or(|last| last.elapsed() >= PLAIN_EVERY) {
            self.last_plain = Some(Instant::now());
            let _ = writeln!(self.err, "{line}");
        }
    }

    /// Leaves the line as it stands.
    pub(super) fn leave(&mut self) {
        if self.terminal {
            let _ = writeln!(self.err);
        }
    }
}

fn line(name: &str, filled: Filled) -> String {
    let share = |of: i64| {
        if filled.total > 0 {
            filled.done.min(filled.total) * of / filled.total
        } else {
            of
        }
    };
    let full = usize::try_from(share(WIDTH)).unwrap_or_default();
    let empty = usize::try_from(WIDTH).unwrap_or_default().saturating_sub(full);
    let left = if filled.per_second > 0 {
        format!(", {} s left", (filled.total - filled.done).max(0) / filled.per_second)
    } else {
        String::new()
    };
    format!(
        "{name} [{}{}] {:>3} %, {} of {} events, {} per second{left}",
        "#".repeat(full),
        ".".repeat(empty),
        share(100),
        filled.done,
        filled.total,
        filled.per_second
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_says_how_much_is_done_and_how_long_it_takes() {
        let filled = Filled {
            total: 1_000_000,
            done: 250_000,
            per_second: 300_000,
        };
        insta::assert_snapshot!(line("people", filled), @"people [#######.......................]  25 %, 250000 of 1000000 events, 300000 per second, 2 s left");
        insta::assert_snapshot!(line("people", Filled::default()), @"people [##############################] 100 %, 0 of 0 events, 0 per second");
    }
}
