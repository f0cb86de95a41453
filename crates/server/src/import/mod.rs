//! `coterie import`: reads an operator's files and hands them to the use cases' import; what is wrong comes back as a
//! table.

use crate::cli::{CliError, tenants};
use crate::config::Config;
use crate::wiring;
use coterie_app::import::{self, CATALOGUE_FILES, MAX_BYTES, Mode, People, Report};
use coterie_app::{App, AppConfig, Caller};
use std::collections::BTreeMap;
use std::io::Write;
use std::path::{Path, PathBuf};
use uuid::Uuid;

/// Connections of a command that does one thing after the other.
const CONNECTIONS: u32 = 2;
/// The file was read and has faults; nothing was written.
const FAULTS: u8 = 1;

/// What to import into which organization.
#[derive(Debug, Clone, clap::Args)]
#[command(group = clap::ArgGroup::new("what").required(true).multiple(true))]
pub struct ImportArgs {
    /// The organization's slug.
    #[arg(long, value_name = "SLUG")]
    organization: String,
    /// A folder with the catalogue's files, as samples/README.md lists them.
    #[arg(long, value_name = "DIR", group = "what")]
    catalogue: Option<PathBuf>,
    /// Companies that pay for their members.
    #[arg(long, value_name = "FILE", group = "what")]
    companies: Option<PathBuf>,
    /// Members.
    #[arg(long, value_name = "FILE", group = "what")]
    members: Option<PathBuf>,
    /// Write nothing; say what would happen.
    #[arg(long)]
    dry_run: bool,
}

/// Carries `coterie import` out; 1 when the files have faults.
///
/// # Errors
/// Unreadable files, missing configuration, an unknown organization, whatever the database says.
pub(crate) async fn run(config: &Config, args: &ImportArgs, out: &mut dyn Write) -> Result<u8, CliError> {
    // Read before anything is written, so that a mistyped name costs nothing.
    let catalogue = args.catalogue.as_deref().map(read_catalogue).transpose()?;
    let companies = args.companies.as_deref().map(read).transpose()?;
    let members = args.members.as_deref().map(read).transpose()?;
    let url = config.app_url.as_ref().ok_or(CliError::Missing("APP_DATABASE_URL"))?;
    let secret = config
        .secret_key
        .clone()
        .ok_or(CliError::Missing("COTERIE_SECRET_KEY"))?;
    let keys = config
        .master_keys
        .clone()
        .ok_or(CliError::Missing("COTERIE_MASTER_KEYS"))?;
    let app = App::new(wiring::pool(url, CONNECTIONS), AppConfig::new(secret, keys));
    let finding = tenants::worker_pool(config)?;
    let tenant = tenants::by_slug(&finding, &args.organization).await?.id;
    finding.close().await;
    let mode = if args.dry_run { Mode::DryRun } else { Mode::Apply };
    let mut reports = Vec::new();
    if let Some(files) = catalogue {
        reports.push(import::catalogue(&app, &caller(tenant), &files, mode).await?);
    }
    // Members name locations and plans: with a faulty catalogue every one of them would be told to be wrong.
    let sound = reports.iter().all(|report| report.errors.is_empty());
    if sound && (companies.is_some() || members.is_some()) {
        let people = People {
            companies: companies.as_deref(),
            members: members.as_deref(),
        };
        reports.push(import::people(&app, &caller(tenant), people, mode).await?);
    }
    app.pool.close().await;
    tell(&reports, out)?;
    let sound = reports.iter().all(|report| report.errors.is_empty());
    Ok(if sound { 0 } else { FAULTS })
}

fn caller(tenant: Uuid) -> Caller {
    Caller::system(tenant, "import")
}

fn read(path: &Path) -> Result<String, CliError> {
    let failed = |source| CliError::File(path.display().to_string(), source);
    let bytes = std::fs::metadata(path).map_err(failed)?.len();
    if bytes > MAX_BYTES as u64 {
        return Err(failed(std::io::Error::other(format!(
            "it has more than {MAX_BYTES} bytes"
        ))));
    }
    std::fs::read_to_string(path).map_err(failed)
}

fn read_catalogue(folder: &Path) -> Result<BTreeMap<String, String>, CliError> {
    let mut files = BTreeMap::new();
    for name in CATALOGUE_FILES {
        let path = folder.join(name);
        if path.exists() {
            files.insert(name.to_owned(), read(&path)?);
        }
    }
    if files.is_empty() {
        let nothing = std::io::Error::other(format!("it has none of {}", CATALOGUE_FILES.join(", ")));
        return Err(CliError::File(folder.display().to_string(), nothing));
    }
    Ok(files)
}

/// A line for each file, then a table of what is wrong.
fn tell(reports: &[Report], out: &mut dyn Write) -> std::io::Result<()> {
    let mut written = 0;
    for report in reports {
        let created = match report.mode {
            Mode::DryRun => "would be created",
            // With faults in the list it was only judged.
            Mode::Apply if report.errors.is_empty() => {
                written += report.created();
                "created"
            }
            Mode::Apply => "could be created",
        };
        for file in &report.files {
            writeln!(
                out,
                "{:<20} {:>6} {created}, {} unchanged",
                file.file, file.created, file.unchanged
            )?;
        }
    }
    let errors: Vec<_> = reports.iter().flat_map(|report| &report.errors).collect();
    if errors.is_empty() {
        return Ok(());
    }
    let width = |cell: fn(&import::RowError) -> usize, title: usize| {
        errors.iter().map(|error| cell(error)).max().unwrap_or(0).max(title)
    };
    let file = width(|error| error.file.len(), 4);
    let column = width(|error| error.column.len(), 6);
    writeln!(
        out,
        "\n{:<file$}  {:>5}  {:<column$}  what is wrong",
        "file", "row", "column"
    )?;
    for error in &errors {
        writeln!(
            out,
            "{:<file$}  {:>5}  {:<column$}  {}",
            error.file, error.row, error.column, error.message
        )?;
    }
    let faults = if errors.len() == 1 {
        "1 fault".to_owned()
    } else {
        format!("{} faults", errors.len())
    };
    if written == 0 {
        writeln!(out, "\n{faults}; nothing was written.")
    } else {
        writeln!(out, "\n{faults}; what is in the other files was written.")
    }
}
