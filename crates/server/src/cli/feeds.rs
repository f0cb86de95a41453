//! `coterie feeds`: the secret addresses that calendars subscribe to. An address itself is never shown again.

use super::{
    CliError,
    desk::{Desk, Where, refused},
};
use crate::config::Config;
use clap::{ArgGroup, Subcommand};
use coterie_app::calendar_feed::{self, Subject};
use coterie_domain::{LocationId, MemberId, ResourceId};
use std::io::Write;
use uuid::Uuid;

#[derive(Debug, Subcommand)]
pub(super) enum FeedsCommand {
    /// List whose bookings calendars can read.
    List {
        #[command(flatten)]
        place: Where,
    },
    /// Take an address away: calendars that subscribed to it read nothing any more.
    #[command(group = ArgGroup::new("subject").required(true))]
    Revoke {
        #[command(flatten)]
        place: Where,
        /// Of a member.
        #[arg(long, value_name = "ID", group = "subject")]
        member: Option<Uuid>,
        /// Of a resource.
        #[arg(long, value_name = "ID", group = "subject")]
        resource: Option<Uuid>,
        /// Of a location.
        #[arg(long, value_name = "ID", group = "subject")]
        location: Option<Uuid>,
    },
}

pub(super) async fn run(config: &Config, command: FeedsCommand, out: &mut dyn Write) -> Result<(), CliError> {
    match command {
        FeedsCommand::List { place } => {
            let desk = Desk::open(config, &place).await?;
            let feeds = calendar_feed::list(&desk.app, &desk.caller).await?;
            let rows: Vec<_> = feeds
                .iter()
                .map(|feed| {
                    vec![
                        ("kind", feed.subject.kind().into()),
                        ("id", feed.subject.id().to_string().into()),
                        ("made_at", feed.made_at.to_string().into()),
                    ]
                })
                .collect();
            Ok(desk.list(&rows, out)?)
        }
        FeedsCommand::Revoke {
            place,
            member,
            resource,
            location,
        } => {
            let subject = member
                .map(|id| Subject::Member(MemberId(id)))
                .or(resource.map(|id| Subject::Resource(ResourceId(id))))
                .or(location.map(|id| Subject::Location(LocationId(id))))
                .ok_or(CliError::Usage("Name a member, a resource or a location."))?;
            let desk = Desk::open(config, &place).await?;
            let revoked = calendar_feed::revoke(&desk.app, &desk.caller, subject).await;
            revoked.map_err(|error| refused(error, subject.kind()))?;
            let facts = vec![("kind", subject.kind().into()), ("id", subject.id().to_string().into())];
            let sentence = format!("No calendar reads the {} {} any more.", subject.kind(), subject.id());
            Ok(desk.done(&sentence, &facts, out)?)
        }
    }
}
