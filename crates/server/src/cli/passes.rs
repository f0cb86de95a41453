//! `coterie passes`: the day passes that were sold.

use super::{
    CliError,
    desk::{Desk, Row, Where},
};
use crate::config::Config;
use clap::Subcommand;
use coterie_app::{
    page::{MAX_PAGE, PageRequest},
    pass::page::{self, PassFilter, PassRow},
};
use coterie_domain::{LocationId, MemberId};
use jiff::civil::Date;
use std::io::Write;
use uuid::Uuid;

#[derive(Debug, Subcommand)]
pub(super) enum PassesCommand {
    /// List passes by their day.
    List {
        #[command(flatten)]
        place: Where,
        /// Of one member.
        #[arg(long, value_name = "ID")]
        member: Option<Uuid>,
        /// For one location.
        #[arg(long, value_name = "ID")]
        location: Option<Uuid>,
        /// Of this day or a later one.
        #[arg(long, value_name = "DAY")]
        from: Option<Date>,
        /// Of this day or an earlier one.
        #[arg(long, value_name = "DAY")]
        until: Option<Date>,
    },
}

pub(super) async fn run(config: &Config, command: PassesCommand, out: &mut dyn Write) -> Result<(), CliError> {
    let PassesCommand::List {
        place,
        member,
        location,
        from,
        until,
    } = command;
    let desk = Desk::open(config, &place).await?;
    let filter = PassFilter {
        member: member.map(MemberId),
        location: location.map(LocationId),
        from,
        until,
        ..PassFilter::default()
    };
    let mut rows = Vec::new();
    let mut after = None;
    loop {
        let request = PageRequest {
            limit: Some(MAX_PAGE),
            after,
        };
        let found = page::list(&desk.app, desk.caller.tenant, filter.clone(), &request).await?;
        rows.extend(found.items.iter().map(row));
        match found.next {
            Some(next) => after = Some(next),
            None => break,
        }
    }
    Ok(desk.list(&rows, out)?)
}

fn row(pass: &PassRow) -> Row {
    vec![
        ("pass_id", pass.pass_id.to_string().into()),
        ("day", pass.day.to_string().into()),
        ("location", pass.location_name.clone().into()),
        ("member_id", pass.member_id.to_string().into()),
        ("member", pass.member_name.clone().into()),
        ("state", pass.state.name().into()),
        ("price", pass.price.to_string().into()),
    ]
}
