//! Events as a table for people: one line each, and below it what the payload says.

use coterie_eventlog::RecordedEvent;
use jiff::tz::TimeZone;
use serde_json::Value;
use std::io::{self, Write};

/// A summary longer than this is cut; `--json` has all of it.
const SUMMARY_CHARS: usize = 160;
const HEADINGS: [&str; 6] = ["POSITION", "WHEN (UTC)", "TYPE", "WHO", "COMMAND", "BECAUSE OF"];

/// Prints pages of one organization's events. Columns only grow, so that pages stay aligned as far as they can.
pub(super) struct Table<'a> {
    slug: &'a str,
    widths: [usize; 6],
    begun: bool,
}

impl<'a> Table<'a> {
    pub(super) fn new(slug: &'a str) -> Self {
        Self {
            slug,
            widths: HEADINGS.map(str::len),
            begun: false,
        }
    }

    pub(super) fn print(&mut self, events: &[RecordedEvent], out: &mut dyn Write) -> io::Result<()> {
        let rows: Vec<[String; 6]> = events.iter().map(row).collect();
        for row in &rows {
            for (width, cell) in self.widths.iter_mut().zip(row) {
                *width = (*width).max(cell.chars().count());
            }
        }
        if !self.begun && !rows.is_empty() {
            self.begun = true;
            writeln!(out, "{}", self.slug)?;
            self.line(&HEADINGS.map(str::to_owned), out)?;
        }
        for (row, event) in rows.iter().zip(events) {
            self.line(row, out)?;
            writeln!(out, "    {}", summary(event.plain()))?;
        }
        Ok(())
    }

    fn line(&self, cells: &[String; 6], out: &mut dyn Write) -> io::Result<()> {
        let padded = self.widths.iter().zip(cells).enumerate().map(|(index, (width, cell))| {
            // Positions stand under each other by their last digit.
            if index == 0 {
                format!("{cell:>width$}")
            } else {
                format!("{cell:<width$}")
            }
        });
        let text = padded.collect::<Vec<_>>().join("  ");
        writeln!(out, "{}", text.trim_end())
    }
}

fn row(event: &RecordedEvent) -> [String; 6] {
    let when = TimeZone::UTC.to_datetime(event.occurred_at);
    [
        event.position.to_string(),
        when.strftime("%Y-%m-%d %H:%M:%S").to_string(),
        format!("{} v{}", event.event_type, event.event_version),
        event.actor.clone(),
        event.command_id.to_string(),
        event
            .causation
            .map_or_else(|| "\u{2013}".to_owned(), |position| format!("event {position}")),
    ]
}

/// The payload's fields in one line.
fn summary(payload: &str) -> String {
    let said = match serde_json::from_str::<Value>(payload) {
        Ok(Value::Object(fields)) => {
            let fields = fields.iter().filter(|(_, value)| !value.is_null());
            let fields: Vec<String> = fields
                .map(|(name, value)| format!("{name}: {}", plain(value)))
                .collect();
            fields.join(", ")
        }
        _ => payload.to_owned(),
    };
    // Whatever a payload holds, it stays on its line and does nothing to the terminal.
    let said: String = said.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    if said.chars().count() <= SUMMARY_CHARS {
        return said;
    }
    let cut: String = said.chars().take(SUMMARY_CHARS).collect();
    format!("{cut}\u{2026}")
}

fn plain(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        // Whoever has no key sees that something is there.
        Value::Object(fields) if fields.contains_key("$sealed") => "(sealed)".to_owned(),
        other => other.to_string(),
    }
}
