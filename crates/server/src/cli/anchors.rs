use super::{CliError, tenants};
use crate::config::Config;
use clap::Subcommand;
use coterie_app::clock;
use coterie_worker::anchors::{Anchors, Published, publish};
use std::io::Write;

#[derive(Debug, Subcommand)]
pub(super) enum AnchorsCommand {
    /// Sign every head that moved since its last anchor and keep it outside the database, once and now.
    Publish,
    /// Print the public key that signatures are checked with, for `log verify --file --public-key`.
    Key,
}

/// `coterie anchors`: 1 if a log is not what was anchored.
pub(super) async fn run(config: &Config, command: &AnchorsCommand, out: &mut dyn Write) -> Result<u8, CliError> {
    match command {
        AnchorsCommand::Key => {
            let key = config.anchors.key.as_ref();
            let key = key.ok_or(CliError::Missing("COTERIE_ANCHOR_KEY"))?;
            writeln!(out, "{}", key.public().to_base64())?;
            Ok(0)
        }
        AnchorsCommand::Publish => publish_now(config, out).await,
    }
}

async fn publish_now(config: &Config, out: &mut dyn Write) -> Result<u8, CliError> {
    let anchors = wanted(config)?;
    let pool = tenants::worker_pool(config)?;
    let slugs = tenants::all(&pool).await?;
    let Published { anchored, differing } = publish(&pool, &anchors, clock::wall_now()).await?;
    pool.close().await;
    let name = |id: uuid::Uuid| {
        let found = slugs.iter().find(|tenant| tenant.id == id);
        found.map_or_else(|| id.to_string(), |tenant| tenant.slug.clone())
    };
    for (tenant, position) in &anchored {
        writeln!(out, "{}: anchored at event {position}", name(*tenant))?;
    }
    for (tenant, position) in &differing {
        writeln!(
            out,
            "{}: another event {position} was anchored before: the log is not what it was",
            name(*tenant)
        )?;
    }
    if anchored.is_empty() && differing.is_empty() {
        writeln!(out, "Every head is anchored.")?;
    }
    Ok(u8::from(!differing.is_empty()))
}

/// Where anchors are kept, or what is missing to know it.
fn wanted(config: &Config) -> Result<Anchors, CliError> {
    if config.anchors.url.is_none() {
        return Err(CliError::Missing("COTERIE_ANCHOR_URL"));
    }
    config.anchors.open()?.ok_or(CliError::Missing("COTERIE_ANCHOR_KEY"))
}
