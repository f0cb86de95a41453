use super::Moment;
use std::io::Write;
use std::time::{Duration, Instant};

/// How often a line is written where nobody watches it change.
const PLAIN_EVERY: Duration = Duration::from_secs(5);

/// Shows how far the demo is: one line that changes on a terminal, now and then a line elsewhere.
pub(super) struct Progress<'a> {
    err: &'a mut dyn Write,
    terminal: bool,
    started: Instant,
    last_plain: Option<Instant>,
    drawn: bool,
}

impl<'a> Progress<'a> {
    pub(super) fn new(err: &'a mut dyn Write, terminal: bool) -> Self {
        Self {
            err,
            terminal,
            started: Instant::now(),
            last_plain: None,
            drawn: false,
        }
    }

    pub(super) fn show(&mut self, moment: &Moment<'_>) {
        let due = self.last_plain.is_none_or(|last| last.elapsed() >= PLAIN_EVERY);
        if !self.terminal && !due && moment.percent < 100 {
            return;
        }
        self.last_plain = Some(Instant::now());
        let counts = moment.counts;
        let clock = moment
            .clock
            .map(|clock| format!(", clock at {}", clock.strftime("%-d %b %Y")))
            .unwrap_or_default();
        let line = format!(
            "Building the demo: {:>3} %, {}{clock}, {} memberships, {} bookings, {} s",
            moment.percent,
            moment.doing,
            counts.memberships,
            counts.bookings,
            self.started.elapsed().as_secs()
        );
        // A progress line that cannot be written is no reason to stop.
        let _ = if self.terminal {
            self.drawn = true;
            write!(self.err, "\r\x1b[2K{line}")
        } else {
            writeln!(self.err, "{line}")
        };
        let _ = self.err.flush();
    }

    /// Leaves the line as it stands and says something below it.
    pub(super) fn say(&mut self, text: &str) {
        let _ = if std::mem::take(&mut self.drawn) {
            writeln!(self.err, "\n{text}")
        } else {
            writeln!(self.err, "{text}")
        };
        let _ = self.err.flush();
    }

    pub(super) fn elapsed(&self) -> Duration {
        self.started.elapsed()
    }
}
