use super::{CliError, tenants};
use crate::config::Config;
use coterie_eventlog::{Exported, export};
use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::Path;

/// `coterie log export`: an organization's log with its anchors, a file that proves itself.
pub(super) async fn run(
    config: &Config,
    organization: &str,
    to: Option<&Path>,
    out: &mut dyn Write,
) -> Result<(), CliError> {
    let pool = tenants::worker_pool(config)?;
    let tenant = tenants::by_slug(&pool, organization).await?;
    let (keys, anchors) = match config.anchors.open()? {
        // Listed before the head is read: none of them can honestly speak of an event beyond it.
        Some(anchors) => (anchors.keys(), anchors.store.all(tenant.id).await?),
        None => (Vec::new(), Vec::new()),
    };
    match to {
        None => {
            let mut out = BufWriter::new(out);
            export(&pool, tenant.id, &tenant.slug, &keys, &anchors, &mut out).await?;
        }
        Some(path) => {
            let name = path.display().to_string();
            let file = File::create(path).map_err(|error| CliError::FileWrite(name.clone(), error))?;
            let mut file = BufWriter::new(file);
            let Exported { events, anchors } =
                export(&pool, tenant.id, &tenant.slug, &keys, &anchors, &mut file).await?;
            let file = file
                .into_inner()
                .map_err(|error| CliError::FileWrite(name.clone(), error.into_error()))?;
            file.sync_all()
                .map_err(|error| CliError::FileWrite(name.clone(), error))?;
            writeln!(out, "{}: {events} events and {anchors} anchors in {name}", tenant.slug)?;
        }
    }
    pool.close().await;
    Ok(())
}
