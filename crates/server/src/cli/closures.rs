//! `coterie closures`: the days of a calendar on which a house is closed.

use super::{
    CliError,
    desk::{Desk, Where, refused},
};
use crate::config::Config;
use clap::Subcommand;
use coterie_app::location;
use coterie_domain::LocationId;
use std::{io::Write, path::PathBuf};
use uuid::Uuid;

/// The largest calendar that is read.
const MAX_BYTES: u64 = 1024 * 1024;

#[derive(Debug, Subcommand)]
pub(super) enum ClosuresCommand {
    /// Close a location on the whole days of a calendar file, each entry once; those that are over not at all.
    Import {
        #[command(flatten)]
        place: Where,
        /// The location's id.
        #[arg(long, value_name = "ID")]
        location: Uuid,
        /// A calendar file (RFC 5545).
        #[arg(value_name = "FILE")]
        file: PathBuf,
    },
}

pub(super) async fn run(config: &Config, command: ClosuresCommand, out: &mut dyn Write) -> Result<(), CliError> {
    let ClosuresCommand::Import { place, location, file } = command;
    let unreadable = |error| CliError::File(file.display().to_string(), error);
    if std::fs::metadata(&file).map_err(unreadable)?.len() > MAX_BYTES {
        let sentence = format!("{} is larger than {MAX_BYTES} bytes.", file.display());
        return Err(CliError::Refused(sentence));
    }
    let calendar = std::fs::read_to_string(&file).map_err(unreadable)?;
    let desk = Desk::open(config, &place).await?;
    let done = location::import_closures(&desk.app, &desk.caller, LocationId(location), &calendar).await;
    let done = done.map_err(|error| refused(error, "location"))?;
    let closed = &done.outcome;
    let sentence = format!(
        "{} closures came in; {} entries were known or are over; {} bookings stand on those days.",
        closed.closures.len(),
        closed.passed_over,
        closed.bookings
    );
    let ids: Vec<String> = closed.closures.iter().map(ToString::to_string).collect();
    let facts = vec![
        ("closures", ids.into()),
        ("passed_over", closed.passed_over.into()),
        ("bookings", closed.bookings.into()),
    ];
    Ok(desk.done(&sentence, &facts, out)?)
}
