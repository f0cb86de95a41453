//! `coterie waitlist`: who waits for times that are taken.

use super::{
    CliError,
    desk::{Desk, Row, Where, wall},
};
use crate::config::Config;
use clap::Subcommand;
use coterie_app::waitlist::{self, WaitlistRow};
use coterie_domain::{MemberId, ResourceId, local_time};
use std::io::Write;
use uuid::Uuid;

#[derive(Debug, Subcommand)]
pub(super) enum WaitlistCommand {
    /// List those who wait, in the order in which they came.
    List {
        #[command(flatten)]
        place: Where,
        /// One member.
        #[arg(long, value_name = "ID")]
        member: Option<Uuid>,
        /// For one resource.
        #[arg(long, value_name = "ID")]
        resource: Option<Uuid>,
    },
}

pub(super) async fn run(config: &Config, command: WaitlistCommand, out: &mut dyn Write) -> Result<(), CliError> {
    let WaitlistCommand::List {
        place,
        member,
        resource,
    } = command;
    let desk = Desk::open(config, &place).await?;
    let (member, resource) = (member.map(MemberId), resource.map(ResourceId));
    let waiting = waitlist::list(&desk.app, &desk.caller, member, resource).await?;
    let rows = waiting.iter().map(row).collect::<Result<Vec<_>, _>>()?;
    Ok(desk.list(&rows, out)?)
}

fn row(entry: &WaitlistRow) -> Result<Row, CliError> {
    let zone = local_time::zone(&entry.time_zone).map_err(|refusal| CliError::Refused(refusal.sentence))?;
    Ok(vec![
        ("entry_id", entry.entry_id.to_string().into()),
        ("starts_at", wall(entry.starts_at, &zone)),
        ("ends_at", wall(entry.ends_at, &zone)),
        ("time_zone", entry.time_zone.clone().into()),
        ("location", entry.location_name.clone().into()),
        ("resource", entry.resource_name.clone().into()),
        ("member_id", entry.member_id.to_string().into()),
        ("member", entry.member_name.clone().into()),
        ("ahead", entry.ahead.into()),
        ("booking_id", entry.booking_id.map(|id| id.to_string()).into()),
    ])
}
