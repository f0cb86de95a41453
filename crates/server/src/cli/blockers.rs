//! `coterie blockers`: resources that are out of service for a time.

use super::{
    CliError,
    desk::{Desk, Row, Where, refused, wall},
};
use crate::config::Config;
use clap::Subcommand;
use coterie_app::blocker::{self, BlockerRow, NewBlocker};
use coterie_domain::{BlockerId, ResourceId, local_time};
use jiff::civil::DateTime;
use std::io::Write;
use uuid::Uuid;

#[derive(Debug, Subcommand)]
pub(super) enum BlockersCommand {
    /// Take a resource out of service for a time in which nothing is booked.
    Add {
        #[command(flatten)]
        place: Where,
        /// The resource's id.
        #[arg(long, value_name = "ID")]
        resource: Uuid,
        /// Wall time of the house, such as 2026-01-22T10:00.
        #[arg(long, value_name = "TIME")]
        starts_at: DateTime,
        #[arg(long, value_name = "TIME")]
        ends_at: DateTime,
        /// Why; people read it.
        #[arg(long, value_name = "TEXT")]
        reason: String,
    },
    /// List those that are not over.
    List {
        #[command(flatten)]
        place: Where,
        /// Of one resource.
        #[arg(long, value_name = "ID")]
        resource: Option<Uuid>,
    },
    /// Bring a resource back into service.
    Lift {
        #[command(flatten)]
        place: Where,
        /// The blocker's id.
        blocker: Uuid,
    },
}

pub(super) async fn run(config: &Config, command: BlockersCommand, out: &mut dyn Write) -> Result<(), CliError> {
    match command {
        BlockersCommand::Add {
            place,
            resource,
            starts_at,
            ends_at,
            reason,
        } => {
            let desk = Desk::open(config, &place).await?;
            let new = NewBlocker {
                resource_id: ResourceId(resource),
                start: starts_at,
                end: ends_at,
                reason,
            };
            let done = blocker::place(&desk.app, &desk.caller, new).await;
            let done = done.map_err(|error| refused(error, "resource"))?;
            told(&desk, done.outcome, done.position, "stands", out)
        }
        BlockersCommand::List { place, resource } => {
            let desk = Desk::open(config, &place).await?;
            let standing = blocker::list(&desk.app, desk.caller.tenant, resource.map(ResourceId)).await?;
            let rows = standing.iter().map(row).collect::<Result<Vec<_>, _>>()?;
            Ok(desk.list(&rows, out)?)
        }
        BlockersCommand::Lift { place, blocker } => {
            let desk = Desk::open(config, &place).await?;
            let done = blocker::lift(&desk.app, &desk.caller, BlockerId(blocker), None).await;
            let done = done.map_err(|error| refused(error, "blocker"))?;
            told(&desk, done.outcome, done.position, "is lifted", out)
        }
    }
}

fn told(desk: &Desk, id: BlockerId, position: i64, what: &str, out: &mut dyn Write) -> Result<(), CliError> {
    let facts = vec![("blocker_id", id.to_string().into()), ("position", position.into())];
    Ok(desk.done(&format!("{id} {what}, at position {position}."), &facts, out)?)
}

fn row(blocker: &BlockerRow) -> Result<Row, CliError> {
    let zone = local_time::zone(&blocker.time_zone).map_err(|refusal| CliError::Refused(refusal.sentence))?;
    Ok(vec![
        ("blocker_id", blocker.blocker_id.to_string().into()),
        ("starts_at", wall(blocker.starts_at, &zone)),
        ("ends_at", wall(blocker.ends_at, &zone)),
        ("time_zone", blocker.time_zone.clone().into()),
        ("resource", blocker.resource_name.clone().into()),
        ("reason", blocker.reason.clone().into()),
    ])
}
