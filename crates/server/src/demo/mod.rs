//! `coterie demo`: the whole house in one process on a database of its own, with a chain that has three months behind
//! it. The past is played through the real use cases, worker and simulator by a sandbox's test clock; nothing is
//! written beside them.
//!
//! - `server`, `place`: the database and the folder; a chain that was not finished is dropped and built anew.
//! - `chain`, `floors`, `visitors`: organization, staff, the sample files by the operators' import, plans, cards.
//! - `play`, `wishes`, `random`: subscriptions, bookings and cancellations, the same ones for the same seed.
//! - `progress`, `announce`: what people and programs see of it.

mod announce;
mod chain;
mod crew;
mod error;
mod floors;
mod place;
mod play;
mod progress;
mod random;
mod samples;
mod server;
mod visitors;
mod wishes;

pub use chain::{PASSWORD, SLUG};
pub use error::DemoError;

use crate::config::{Config, Env};
use crate::{RunningStack, Stack, StackConfig, StackError, tracing_setup};
use announce::Announcement;
use jiff::{Timestamp, ToSpan, tz::TimeZone};
use place::{Mark, Place, Secrets};
use progress::Progress;
use serde::{Deserialize, Serialize};
use server::Server;
use std::io::{IsTerminal, Write};
use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

/// What is logged unless `RUST_LOG` says otherwise. A statement that Ctrl-C cut off makes `PostgreSQL` notice things.
const QUIET: &str = "warn,sqlx::postgres::notice=error";
const PORT: u16 = 8080;
/// Ports tried after a taken one.
const PORTS: u16 = 50;

/// What to start.
#[derive(Debug, Clone, clap::Args)]
pub struct DemoArgs {
    /// Where mail, the simulator's books and secrets are kept.
    #[arg(long, value_name = "DIR")]
    data: PathBuf,
    /// Where the pages listen on 127.0.0.1, 0 for any free port; 8080 or the next free one unless given.
    #[arg(long, value_name = "N")]
    port: Option<u16>,
    /// No chain, only the house.
    #[arg(long)]
    empty: bool,
    /// Print one JSON object on standard output when ready.
    #[arg(long)]
    json: bool,
    /// A database of its own that is dropped at the end.
    #[arg(long)]
    test: bool,
}

/// Somebody who can sign in to the demo chain.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SignIn {
    pub role: String,
    pub name: String,
    pub email: String,
    pub password: String,
}

/// How much past a chain gets.
#[derive(Debug, Clone)]
pub struct Scale {
    /// At most as many as the sample files have.
    pub members: usize,
    /// About so many; those that find their slot taken are not made up for.
    pub bookings: usize,
    pub starts_at: Timestamp,
    pub ends_at: Timestamp,
    pub seed: u64,
}

impl Scale {
    /// Everybody of the sample files, from the first of the month three months ago to now.
    ///
    /// # Errors
    /// For times at the end of what can be reckoned with.
    pub fn whole(now: Timestamp) -> Result<Self, DemoError> {
        let day = TimeZone::UTC.to_datetime(now).date();
        let starts_at = day
            .checked_sub(3.months())
            .and_then(|day| day.first_of_month().at(6, 0, 0, 0).to_zoned(TimeZone::UTC))
            .map_err(|error| DemoError::Clock(error.to_string()))?
            .timestamp();
        Ok(Self {
            members: usize::MAX,
            bookings: 3_000,
            starts_at,
            ends_at: now,
            seed: 2026,
        })
    }
}

/// What has been built so far.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts {
    pub memberships: usize,
    pub bookings: usize,
    /// Wishes for a slot that somebody else had.
    pub refused: usize,
    pub cancelled: usize,
    /// Of those, the ones that the location's policy charged for.
    pub cancelled_late: usize,
}

/// How far the demo is.
#[derive(Debug, Clone, Copy)]
pub struct Moment<'a> {
    pub percent: usize,
    pub doing: &'a str,
    /// The chain's test clock.
    pub clock: Option<Timestamp>,
    pub counts: Counts,
}

/// A chain with a past.
#[derive(Debug, Clone)]
pub struct Built {
    pub tenant: Uuid,
    pub sign_ins: Vec<SignIn>,
    /// With the owner's rights.
    pub api_key: String,
    pub counts: Counts,
}

/// Builds the demo chain in a house that has none.
///
/// # Errors
/// [`DemoError`] names what failed; the chain is then incomplete.
pub async fn build(
    house: &RunningStack,
    scale: &Scale,
    cancel: &CancellationToken,
    tell: &mut dyn FnMut(&Moment<'_>),
) -> Result<Built, DemoError> {
    let mut moment = Moment {
        percent: 0,
        doing: "importing the sample files",
        clock: None,
        counts: Counts::default(),
    };
    tell(&moment);
    let samples = samples::Samples::new(scale.members);
    let chain = tokio::select! {
        chain = chain::open(house, &samples, scale.starts_at) => chain?,
        () = cancel.cancelled() => return Err(DemoError::Stopped),
    };
    let mut play = play::Play::new(house, &chain, scale, cancel);
    play.run(tell).await?;
    moment.counts = play.counts;
    Ok(Built {
        tenant: chain.tenant,
        sign_ins: chain.sign_ins,
        api_key: chain.api_key,
        counts: moment.counts,
    })
}

/// Carries `coterie demo` out until cancelled.
pub(crate) async fn run(
    args: &DemoArgs,
    env: Env<'_>,
    out: &mut dyn Write,
    err: &mut dyn Write,
    cancel: CancellationToken,
) -> Result<(), DemoError> {
    // Log lines would run through the progress line; whoever wants them says so.
    let quiet = |name: &str| env(name).or_else(|| (name == "RUST_LOG").then(|| QUIET.to_owned()));
    let config = Config::from_env(&quiet)?;
    tracing_setup::install(&config);
    let mut progress = Progress::new(err, std::io::stderr().is_terminal());
    let place = Place::open(&args.data)?;
    let secrets = place.secrets()?;
    let mut server = Server::open(&env("DATABASE_URL").ok_or(DemoError::NoServer)?, args.test).await?;
    let done = start(args, &place, &secrets, &mut server, out, &mut progress, &cancel).await;
    let closed = server.close().await;
    done.and(closed)
}

async fn start(
    args: &DemoArgs,
    place: &Place,
    secrets: &Secrets,
    server: &mut Server,
    out: &mut dyn Write,
    progress: &mut Progress<'_>,
    cancel: &CancellationToken,
) -> Result<(), DemoError> {
    let known = usable(args, place, server).await?;
    if known.is_none() {
        place.clear()?;
        server.recreate().await?;
    }
    server.migrate(secrets).await?;
    let house = house(args, place, secrets, server).await?;
    let finished = settle(args, place, known, &house, out, progress, cancel).await;
    house.shutdown().await;
    finished
}

/// The mark of a database that can be used as it is; none when it has to be made anew.
async fn usable(args: &DemoArgs, place: &Place, server: &mut Server) -> Result<Option<Mark>, DemoError> {
    if args.test || !server.exists().await? {
        return Ok(None);
    }
    let Some(mark) = place.mark()? else { return Ok(None) };
    let organizations = server.organizations().await?;
    if mark.empty && !args.empty {
        if organizations > 0 {
            return Err(DemoError::NotEmpty(place.folder.display().to_string()));
        }
        return Ok(None);
    }
    Ok((mark.empty || organizations > 0).then_some(mark))
}

/// Builds what is missing, says where everything is, and waits.
async fn settle(
    args: &DemoArgs,
    place: &Place,
    known: Option<Mark>,
    house: &RunningStack,
    out: &mut dyn Write,
    progress: &mut Progress<'_>,
    cancel: &CancellationToken,
) -> Result<(), DemoError> {
    let mark = if let Some(mark) = known {
        mark
    } else {
        let mark = make(args, house, progress, cancel).await?;
        place.set_mark(&mark)?;
        mark
    };
    let announcement = Announcement {
        house,
        sign_ins: &mark.sign_ins,
        api_key: mark.api_key.as_deref(),
        keeps: !args.test,
    };
    if args.json {
        writeln!(out, "{}", announcement.json())?;
    } else {
        writeln!(out, "{}", announcement.text())?;
    }
    out.flush()?;
    cancel.cancelled().await;
    progress.say("Stopping.");
    Ok(())
}

async fn make(
    args: &DemoArgs,
    house: &RunningStack,
    progress: &mut Progress<'_>,
    cancel: &CancellationToken,
) -> Result<Mark, DemoError> {
    if args.empty {
        return Ok(Mark {
            empty: true,
            sign_ins: Vec::new(),
            api_key: None,
        });
    }
    let scale = Scale::whole(coterie_app::clock::wall_now())?;
    let built = build(house, &scale, cancel, &mut |moment| progress.show(moment)).await?;
    let counts = built.counts;
    let seconds = progress.elapsed().as_secs();
    progress.say(&format!(
        "Built in {seconds} s: {} memberships, {} bookings, {} cancelled ({} late), {} refused because somebody was first.",
        counts.memberships, counts.bookings, counts.cancelled, counts.cancelled_late, counts.refused
    ));
    Ok(Mark {
        empty: false,
        sign_ins: built.sign_ins,
        api_key: Some(built.api_key),
    })
}

/// Starts the house on the wished port, or on the next free one where none was wished for.
async fn house(args: &DemoArgs, place: &Place, secrets: &Secrets, server: &Server) -> Result<RunningStack, DemoError> {
    let app_url = server.role_url(Some(("coterie_app", &secrets.app_password)))?;
    let worker_url = server.role_url(Some(("coterie_worker", &secrets.worker_password)))?;
    let mut config = StackConfig::new(app_url, worker_url, place.key(secrets)?, place.keys(secrets)?);
    config.data = Some(place.folder.clone());
    config.anchors = Some(place.anchors(secrets)?);
    config.webhook_secret.clone_from(&secrets.webhook_secret);
    let (first, tries) = match args.port {
        Some(port) => (port, 0),
        None => (PORT, PORTS),
    };
    let at = |port| SocketAddr::from((Ipv4Addr::LOCALHOST, port));
    let mut port = first;
    loop {
        config.bind = at(port);
        // Beside the pages' port, so that the addresses of a restart are those of the start before.
        config.simulator_bind = at(free(port, 1));
        config.inbox_bind = at(free(port, 2));
        match Stack::start(config.clone()).await {
            Err(StackError::Listen { address, .. }) if address == config.bind && port < first + tries => port += 1,
            started => return Ok(started?),
        }
    }
}

/// The port so many after another, or any where that one is taken or the other is any too.
fn free(port: u16, after: u16) -> u16 {
    let wished = port.checked_add(after).filter(|_| port != 0).unwrap_or(0);
    let taken = std::net::TcpListener::bind((Ipv4Addr::LOCALHOST, wished)).is_err();
    if taken { 0 } else { wished }
}
