//! `coterie projections ...`: how the read models follow the log, rebuilding one, and comparing it with the log.

use super::progress::Bar;
use super::{CliError, tenants};
use crate::config::Config;
use crate::wiring;
use clap::Subcommand;
use coterie_app::projections;
use coterie_eventlog::{Ended, Follower, RebuildRow, RebuildState};
use coterie_worker::REACTIONS;
use jiff::Timestamp;
use sqlx::PgPool;
use std::io::Write;
use std::sync::Arc;

/// Connections of a command that reads ahead while it writes.
const WORKER_CONNECTIONS: u32 = 4;
const OWNER_CONNECTIONS: u32 = 1;
/// Parked organizations that are listed.
const PARKED: i64 = 100;
/// Rows that are named for each table of each organization.
const NAMED: i64 = 5;

#[derive(Debug, Subcommand)]
pub(super) enum ProjectionsCommand {
    /// Print how far each follower is behind the log, and where one is parked.
    List,
    /// Fill a read model anew beside the old one, which serves meanwhile, and swap them; goes on with one that was
    /// interrupted.
    Rebuild {
        /// people, bookings, money or journal.
        name: String,
    },
    /// Fold a read model anew and compare it with the live one, row by row; exits with 1 and names what differs.
    Compare {
        /// people, bookings, money or journal.
        #[arg(required_unless_present = "all", conflicts_with = "all")]
        name: Option<String>,
        /// Every read model.
        #[arg(long)]
        all: bool,
    },
    /// Let a parked projection of one organization go on, once the cause is repaired.
    Resume {
        /// The follower's name.
        name: String,
        /// The organization's slug.
        #[arg(long, value_name = "SLUG")]
        organization: String,
    },
    /// Print the rebuilds under way and the last ones.
    Status,
    /// Stop a rebuild and throw away what it filled.
    Cancel {
        /// people, bookings, money or journal.
        name: String,
    },
}

pub(super) async fn run(
    config: &Config,
    command: ProjectionsCommand,
    out: &mut dyn Write,
    err: &mut dyn Write,
) -> Result<u8, CliError> {
    match command {
        ProjectionsCommand::List => list(config, out).await,
        ProjectionsCommand::Rebuild { name } => rebuild(config, &name, out, err).await,
        ProjectionsCommand::Compare { name, .. } => compare(config, name.as_deref(), out).await,
        ProjectionsCommand::Resume { name, organization } => resume(config, &name, &organization, out).await,
        ProjectionsCommand::Status => status(config, out).await,
        ProjectionsCommand::Cancel { name } => cancel(config, &name, out).await,
    }
}

struct Pools {
    owner: PgPool,
    worker: PgPool,
}

/// The owner makes tables, the worker fills them.
fn pools(config: &Config) -> Result<Pools, CliError> {
    let owner = config.owner_url.as_ref().ok_or(CliError::Missing("DATABASE_URL"))?;
    Ok(Pools {
        owner: wiring::pool(owner, OWNER_CONNECTIONS),
        worker: worker_pool(config)?,
    })
}

fn worker_pool(config: &Config) -> Result<PgPool, CliError> {
    let worker = config
        .worker_url
        .as_ref()
        .ok_or(CliError::Missing("WORKER_DATABASE_URL"))?;
    Ok(wiring::pool(worker, WORKER_CONNECTIONS))
}

/// The follower of this name that can be rebuilt.
fn read_model(config: &Config, name: &str) -> Result<Arc<dyn Follower>, CliError> {
    if name == REACTIONS {
        return Err(CliError::Reaction);
    }
    let unknown = || CliError::NoProjection(name.to_owned(), projections::ALL.join(", "));
    if !projections::ALL.contains(&name) {
        return Err(unknown());
    }
    let keys = config
        .master_keys
        .as_ref()
        .ok_or(CliError::Missing("COTERIE_MASTER_KEYS"))?;
    let mut followers = projections::all(keys).into_iter();
    followers.find(|follower| follower.name() == name).ok_or_else(unknown)
}

fn followers() -> Vec<&'static str> {
    projections::ALL.into_iter().chain([REACTIONS]).collect()
}

async fn list(config: &Config, out: &mut dyn Write) -> Result<u8, CliError> {
    let pool = worker_pool(config)?;
    let lags = coterie_eventlog::lag(&pool, &followers()).await?;
    writeln!(
        out,
        "{:<12} {:>14} {:>18} {:>12} {:>8}",
        "follower", "events behind", "in one chain", "oldest", "parked"
    )?;
    for lag in &lags {
        writeln!(
            out,
            "{:<12} {:>14} {:>18} {:>10} s {:>8}",
            lag.projection, lag.events, lag.most_events, lag.seconds, lag.parked
        )?;
    }
    let parked = coterie_eventlog::parked(&pool, &followers(), PARKED).await?;
    if !parked.is_empty() {
        let slugs = tenants::all(&pool).await?;
        for one in &parked {
            let slug = slugs.iter().find(|tenant| tenant.id == one.tenant);
            let slug = slug.map_or_else(|| one.tenant.to_string(), |tenant| tenant.slug.clone());
            writeln!(
                out,
                "{} is parked in {slug} at event {}: {}",
                one.projection, one.position, one.reason
            )?;
        }
    }
    pool.close().await;
    Ok(0)
}

async fn rebuild(config: &Config, name: &str, out: &mut dyn Write, err: &mut dyn Write) -> Result<u8, CliError> {
    let Pools { owner, worker } = pools(config)?;
    let follower = read_model(config, name)?;
    let tables = projections::tables(name);
    let (teller, mut hears) = tokio::sync::watch::channel(None);
    let tell = move |filled| {
        teller.send_replace(Some(filled));
    };
    let mut bar = Bar::new(err, name);
    let ended = {
        let rebuilding = coterie_eventlog::rebuild(&owner, &worker, follower.as_ref(), tables, &tell);
        tokio::pin!(rebuilding);
        loop {
            tokio::select! {
                ended = &mut rebuilding => break ended,
                Ok(()) = hears.changed() => {
                    let filled = *hears.borrow_and_update();
                    if let Some(filled) = filled {
                        bar.show(filled);
                    }
                }
            }
        }
    };
    bar.leave();
    owner.close().await;
    worker.close().await;
    match ended? {
        Ended::Swapped(filled) => writeln!(
            out,
            "{name} is rebuilt from {} events and serves; {} events per second.",
            filled.total, filled.per_second
        )?,
        Ended::Cancelled => {
            writeln!(
                out,
                "The rebuild of {name} was cancelled; the old tables serve as before."
            )?;
            return Ok(1);
        }
    }
    Ok(0)
}

async fn compare(config: &Config, name: Option<&str>, out: &mut dyn Write) -> Result<u8, CliError> {
    let Pools { owner, worker } = pools(config)?;
    let names = match name {
        Some(name) => vec![name],
        None => projections::ALL.to_vec(),
    };
    let mut code = 0;
    for name in names {
        let follower = read_model(config, name)?;
        let tables = projections::tables(name);
        let compared = coterie_eventlog::compare(&owner, &worker, follower.as_ref(), tables, NAMED).await?;
        if compared.differences.is_empty() {
            writeln!(
                out,
                "{name}: {} rows of {} organizations are what the log says.",
                compared.rows, compared.tenants
            )?;
            continue;
        }
        code = 1;
        let slugs = tenants::all(&worker).await?;
        for (tenant, difference) in &compared.differences {
            let slug = slugs.iter().find(|known| known.id == *tenant);
            let slug = slug.map_or_else(|| tenant.to_string(), |known| known.slug.clone());
            let (live, log) = (difference.live.as_deref(), difference.shadow.as_deref());
            let column = difference
                .column
                .as_ref()
                .map(|column| format!(", {column}"))
                .unwrap_or_default();
            writeln!(
                out,
                "{name}: {slug}: {} {}{column}: live has {}, the log says {}",
                difference.table,
                difference.key,
                live.unwrap_or("no such row"),
                log.unwrap_or("no such row")
            )?;
        }
    }
    owner.close().await;
    worker.close().await;
    Ok(code)
}

async fn resume(config: &Config, name: &str, organization: &str, out: &mut dyn Write) -> Result<u8, CliError> {
    if !followers().contains(&name) {
        return Err(CliError::NoProjection(name.to_owned(), followers().join(", ")));
    }
    let pool = worker_pool(config)?;
    let tenant = tenants::by_slug(&pool, organization).await?;
    let resumed = coterie_eventlog::resume(&pool, tenant.id, name).await?;
    pool.close().await;
    if resumed {
        writeln!(out, "{name} of {organization} goes on.")?;
        Ok(0)
    } else {
        writeln!(out, "{name} of {organization} is not parked.")?;
        Ok(1)
    }
}

async fn status(config: &Config, out: &mut dyn Write) -> Result<u8, CliError> {
    let pool = worker_pool(config)?;
    let rebuilds = coterie_eventlog::rebuilds(&pool).await?;
    pool.close().await;
    if rebuilds.is_empty() {
        writeln!(out, "No read model was ever rebuilt.")?;
    }
    for rebuild in &rebuilds {
        writeln!(out, "{}", in_words(rebuild, coterie_app::clock::wall_now()))?;
    }
    Ok(0)
}

/// One line of a rebuild.
fn in_words(rebuild: &RebuildRow, now: Timestamp) -> String {
    let RebuildRow { projection, filled, .. } = rebuild;
    let at = |time: Timestamp| time.strftime("%Y-%m-%d %H:%M:%S UTC").to_string();
    let finished = rebuild.finished_at.map_or_else(String::new, at);
    match rebuild.state {
        RebuildState::Filling => {
            let left = rebuild
                .seconds_left()
                .map_or_else(String::new, |seconds| format!(", {seconds} s left"));
            let silent = now.duration_since(rebuild.seen_at).as_secs();
            let silence = if silent > 10 {
                format!("; nobody has worked on it for {silent} s: run it again to go on")
            } else {
                String::new()
            };
            format!(
                "{projection}: {} of {} events, {} per second{left}{silence}",
                filled.done, filled.total, filled.per_second
            )
        }
        RebuildState::Done => format!("{projection}: rebuilt from {} events at {finished}", filled.total),
        RebuildState::Cancelled => format!("{projection}: cancelled at {finished}"),
        RebuildState::Failed => {
            let error = rebuild.error.as_deref().unwrap_or("no reason is known");
            format!("{projection}: failed at {finished}: {error}")
        }
    }
}

async fn cancel(config: &Config, name: &str, out: &mut dyn Write) -> Result<u8, CliError> {
    let Pools { owner, worker } = pools(config)?;
    read_model(config, name)?;
    let there = coterie_eventlog::cancel(&owner, &worker, name, projections::tables(name)).await?;
    owner.close().await;
    worker.close().await;
    if there {
        writeln!(
            out,
            "The rebuild of {name} is cancelled; the old tables serve as before."
        )?;
        Ok(0)
    } else {
        writeln!(out, "{name} is not being rebuilt.")?;
        Ok(1)
    }
}
