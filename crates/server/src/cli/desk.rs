//! What commands on an organization's nouns share: whom they act for, and how they answer.

use super::{CliError, tenants};
use crate::{config::Config, wiring};
use coterie_app::{App, AppConfig, Caller, UseCaseError};
use jiff::{Timestamp, tz::TimeZone};
use serde_json::{Map, Value};
use std::io::{self, Write};

/// Connections of a command that does one thing after the other.
const CONNECTIONS: u32 = 2;

/// Which organization, and how to answer.
#[derive(Debug, Clone, clap::Args)]
pub(super) struct Where {
    /// The organization's slug.
    #[arg(long, value_name = "SLUG")]
    organization: String,
    /// One JSON object per line.
    #[arg(long)]
    json: bool,
}

/// An administrator at an organization's desk. What it does stands in the log as done by `system:command-line`.
pub(super) struct Desk {
    pub app: App,
    pub caller: Caller,
    json: bool,
}

impl Desk {
    /// # Errors
    /// Missing configuration; no organization with this slug.
    pub(super) async fn open(config: &Config, place: &Where) -> Result<Self, CliError> {
        let url = config.app_url.as_ref().ok_or(CliError::Missing("APP_DATABASE_URL"))?;
        let secret = config.secret_key.clone();
        let secret = secret.ok_or(CliError::Missing("COTERIE_SECRET_KEY"))?;
        let keys = config.master_keys.clone();
        let keys = keys.ok_or(CliError::Missing("COTERIE_MASTER_KEYS"))?;
        let finding = tenants::worker_pool(config)?;
        let tenant = tenants::by_slug(&finding, &place.organization).await;
        finding.close().await;
        Ok(Self {
            app: App::new(wiring::pool(url, CONNECTIONS), AppConfig::new(secret, keys)),
            caller: Caller::system(tenant?.id, "command-line"),
            json: place.json,
        })
    }

    /// Prints a list, as a table or as lines of JSON.
    pub(super) fn list(&self, rows: &[Row], out: &mut dyn Write) -> io::Result<()> {
        if self.json {
            for row in rows {
                self.object(row, out)?;
            }
            return Ok(());
        }
        let Some(first) = rows.first() else {
            return writeln!(out, "There is none.");
        };
        let headings: Vec<String> = first
            .iter()
            .map(|(name, _)| name.to_uppercase().replace('_', " "))
            .collect();
        let cells: Vec<Vec<String>> = rows
            .iter()
            .map(|row| row.iter().map(|(_, value)| plain(value)).collect())
            .collect();
        let mut widths: Vec<usize> = headings.iter().map(|heading| heading.chars().count()).collect();
        for row in &cells {
            for (width, cell) in widths.iter_mut().zip(row) {
                *width = (*width).max(cell.chars().count());
            }
        }
        for line in std::iter::once(&headings).chain(&cells) {
            let padded = widths.iter().zip(line).map(|(width, cell)| format!("{cell:<width$}"));
            writeln!(out, "{}", padded.collect::<Vec<_>>().join("  ").trim_end())?;
        }
        Ok(())
    }

    /// Says what was done: a sentence, or its facts as one line of JSON.
    pub(super) fn done(&self, sentence: &str, facts: &Row, out: &mut dyn Write) -> io::Result<()> {
        if self.json {
            self.object(facts, out)
        } else {
            writeln!(out, "{sentence}")
        }
    }

    #[expect(clippy::unused_self, reason = "it is how this desk answers")]
    fn object(&self, row: &Row, out: &mut dyn Write) -> io::Result<()> {
        let fields: Map<String, Value> = row
            .iter()
            .map(|(name, value)| ((*name).to_owned(), value.clone()))
            .collect();
        writeln!(out, "{}", Value::Object(fields))
    }
}

/// Named values, in the order of their columns.
pub(super) type Row = Vec<(&'static str, Value)>;

/// A cell for people. Whatever somebody typed, it stays on its line and does nothing to the terminal.
fn plain(value: &Value) -> String {
    let text = match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect()
}

/// An instant on the wall of a house: `2026-01-22T10:00`.
pub(super) fn wall(at: Timestamp, zone: &TimeZone) -> Value {
    zone.to_datetime(at).strftime("%Y-%m-%dT%H:%M").to_string().into()
}

/// The use case's own sentence; `what` is what an unknown id was thought to be.
pub(super) fn refused(error: UseCaseError, what: &str) -> CliError {
    match error {
        UseCaseError::Refused(refusal) => {
            let fields = refusal.fields.iter().map(|field| field.message.as_str());
            let said: Vec<&str> = fields.filter(|message| *message != refusal.sentence).collect();
            CliError::Refused([vec![refusal.sentence.as_str()], said].concat().join(" "))
        }
        UseCaseError::NotFound => CliError::Refused(format!("There is no such {what}.")),
        error => CliError::UseCase(error),
    }
}
