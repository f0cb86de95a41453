//! The commands of `coterie`. Each answers on standard output; what went wrong is a sentence on standard error and an
//! exit code: 1 for a failure, 2 for a command that was not understood.

mod anchors;
mod blockers;
mod bookings;
mod closures;
mod config_check;
mod desk;
mod error;
mod feeds;
mod forget;
mod guards;
mod keys;
mod ledger;
mod log_export;
mod log_show;
mod log_table;
mod log_verify;
mod log_verify_file;
mod passes;
mod progress;
mod projections;
mod serve;
pub(crate) mod tenants;
mod waitlist;
mod work;
mod work_probes;

pub use error::CliError;

use crate::config::{Config, Env};
use crate::demo::{self, DemoArgs};
use crate::import::{self, ImportArgs};
use crate::migrate::migrate;
use clap::{Parser, Subcommand};
use coterie_documents::journal::Format;
use coterie_eventlog::AnchorPublicKey;
use std::ffi::OsString;
use std::io::Write;
use std::path::PathBuf;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

/// Where answers and sentences go.
pub struct Output<'a> {
    pub out: &'a mut dyn Write,
    pub err: &'a mut dyn Write,
}

#[derive(Debug, Parser)]
#[command(
    name = "coterie",
    version,
    about = "Runs coworking chains: members, bookings, money."
)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Look at the configuration.
    #[command(subcommand)]
    Config(ConfigCommand),
    /// Bring the database up to date, as DATABASE_URL.
    Migrate,
    /// Serve the pages and the API until told to stop.
    Serve,
    /// Follow the log, charge, send mail and fire alarms until told to stop.
    Work,
    /// Look at the log.
    #[command(subcommand)]
    Log(LogCommand),
    /// Look at the read models, rebuild one, or compare it with the log.
    #[command(subcommand)]
    Projections(projections::ProjectionsCommand),
    /// Look after the guards: the rows that decisions are made by.
    #[command(subcommand)]
    Guards(GuardsCommand),
    /// Publish signed heads outside the database.
    #[command(subcommand)]
    Anchors(anchors::AnchorsCommand),
    /// Look after the keys that personal data is sealed with.
    #[command(subcommand)]
    Keys(keys::KeysCommand),
    /// Forget a member: what is known of her goes for good, save for her invoices until their legal years are over.
    Forget(forget::ForgetArgs),
    /// List, cancel and move bookings.
    #[command(subcommand)]
    Bookings(bookings::BookingsCommand),
    /// Close houses on the days of a calendar.
    #[command(subcommand)]
    Closures(closures::ClosuresCommand),
    /// Take resources out of service, and bring them back.
    #[command(subcommand)]
    Blockers(blockers::BlockersCommand),
    /// Look after the addresses that calendars subscribe to.
    #[command(subcommand)]
    Feeds(feeds::FeedsCommand),
    /// Look who waits for times that are taken.
    #[command(subcommand)]
    Waitlist(waitlist::WaitlistCommand),
    /// Look at the day passes that were sold.
    #[command(subcommand)]
    Passes(passes::PassesCommand),
    /// Take the books out.
    #[command(subcommand)]
    Ledger(LedgerCommand),
    /// Bring an organization's catalogue, companies and members in from files; exits with 1 if they have faults.
    Import(ImportArgs),
    /// Run everything in one process on a database of its own, with a chain that has three months behind it.
    Demo(DemoArgs),
}

#[derive(Debug, Subcommand)]
enum ConfigCommand {
    /// Say what is missing or unsafe; exits with 1 if anything must be mended.
    Check,
}

#[derive(Debug, Subcommand)]
enum LogCommand {
    /// Recompute the hash chain and the guards; exits with 1 and names the event where a log is not what it was, or the
    /// guard's row that is not what the log says.
    Verify {
        /// The organization's slug.
        #[arg(
            long,
            value_name = "SLUG",
            conflicts_with_all = ["all", "file"],
            required_unless_present_any = ["all", "file"]
        )]
        organization: Option<String>,
        /// Every organization.
        #[arg(long, conflicts_with = "file")]
        all: bool,
        /// A file that `log export` wrote; neither database nor environment is needed.
        #[arg(long, value_name = "FILE")]
        file: Option<PathBuf>,
        /// Whose anchors to believe instead of those the file names, in base64; may be given several times.
        #[arg(long, value_name = "BASE64", requires = "file", value_parser = log_verify_file::public_key)]
        public_key: Vec<AnchorPublicKey>,
    },
    /// Write an organization's log with its anchors as lines of JSON, for `log verify --file`.
    Export {
        /// The organization's slug.
        #[arg(long, value_name = "SLUG")]
        organization: String,
        /// Where to; standard output unless given.
        #[arg(long, value_name = "FILE")]
        out: Option<PathBuf>,
    },
    /// Print the events of a stream, or everything that followed from one request.
    Show {
        /// The stream's id.
        #[arg(required_unless_present = "correlation", conflicts_with = "correlation")]
        stream: Option<Uuid>,
        /// The correlation id.
        #[arg(long, value_name = "ID")]
        correlation: Option<Uuid>,
        /// Only in this organization; in whichever has them unless given.
        #[arg(long, value_name = "SLUG")]
        organization: Option<String>,
        /// Only up to this position, or up to this instant by the organization's clock.
        #[arg(long, value_name = "POSITION|TIME")]
        as_of: Option<log_show::AsOf>,
        /// One JSON object per line.
        #[arg(long)]
        json: bool,
    },
}

#[derive(Debug, Subcommand)]
enum GuardsCommand {
    /// Write what differs from the log anew, as DATABASE_URL, and say what that was.
    Rebuild {
        /// The organization's slug.
        #[arg(long, value_name = "SLUG", conflicts_with = "all", required_unless_present = "all")]
        organization: Option<String>,
        /// Every organization.
        #[arg(long)]
        all: bool,
        /// One guard table; all of them unless given.
        #[arg(long, value_name = "TABLE")]
        only: Option<String>,
    },
}

#[derive(Debug, Subcommand)]
enum LedgerCommand {
    /// Print the journal of an organization's legal entities.
    Export {
        /// The organization's slug.
        #[arg(long, value_name = "SLUG")]
        organization: String,
        /// Name or id of one legal entity; all of them in one file unless given.
        #[arg(long, value_name = "NAME_OR_ID")]
        entity: Option<String>,
        /// hledger or beancount.
        #[arg(long)]
        format: Format,
    },
}

/// Carries a command out. `args` begin with the program's name. `cancel` stops `serve` and `work`.
///
/// The answer is the exit code; nothing is printed but through `output`, and log lines go to standard error.
pub async fn run<A>(
    args: impl IntoIterator<Item = A>,
    env: Env<'_>,
    output: Output<'_>,
    cancel: CancellationToken,
) -> u8
where
    A: Into<OsString> + Clone,
{
    let command = match Cli::try_parse_from(args) {
        Ok(cli) => cli.command,
        Err(error) => {
            let (written, code) = if error.use_stderr() {
                (write!(output.err, "{error}"), 2)
            } else {
                (write!(output.out, "{error}"), 0)
            };
            // Nobody is left to tell when the terminal is gone.
            drop(written);
            return code;
        }
    };
    let Output { out, err } = output;
    // These finish what is in flight; every other command can be left at any moment.
    let finishes = matches!(command, Command::Serve | Command::Work | Command::Demo(_));
    let interrupted = cancel.clone();
    let carried_out = tokio::select! {
        carried_out = carry_out(command, env, out, err, cancel) => carried_out,
        () = interrupted.cancelled(), if !finishes => Err(CliError::Interrupted),
    };
    match carried_out {
        Ok(code) => code,
        Err(error) => {
            drop(writeln!(err, "{}", error.sentence()));
            1
        }
    }
}

async fn carry_out(
    command: Command,
    env: Env<'_>,
    out: &mut dyn Write,
    err: &mut dyn Write,
    cancel: CancellationToken,
) -> Result<u8, CliError> {
    match &command {
        Command::Config(ConfigCommand::Check) => return config_check::run(env, out).await,
        Command::Demo(args) => {
            demo::run(args, env, out, err, cancel).await?;
            return Ok(0);
        }
        Command::Log(LogCommand::Verify {
            file: Some(file),
            public_key,
            ..
        }) => return log_verify_file::run(file.clone(), public_key.clone(), out).await,
        _ => {}
    }
    let config = Config::from_env(env)?;
    match command {
        Command::Config(ConfigCommand::Check) | Command::Demo(_) => {}
        Command::Import(args) => return import::run(&config, &args, out).await,
        Command::Migrate => {
            let owner = config.owner_url.as_ref().ok_or(CliError::Missing("DATABASE_URL"))?;
            let count = migrate(owner, config.app_password.as_ref(), config.worker_password.as_ref()).await?;
            writeln!(
                out,
                "{owner} is up to date: {count} migrations, and the job queue's tables."
            )?;
        }
        Command::Keys(keys::KeysCommand::Rotate) => keys::rotate(&config, out).await?,
        Command::Forget(args) => forget::run(&config, &args, out).await?,
        Command::Bookings(command) => bookings::run(&config, command, out).await?,
        Command::Closures(command) => closures::run(&config, command, out).await?,
        Command::Blockers(command) => blockers::run(&config, command, out).await?,
        Command::Feeds(command) => feeds::run(&config, command, out).await?,
        Command::Waitlist(command) => waitlist::run(&config, command, out).await?,
        Command::Passes(command) => passes::run(&config, command, out).await?,
        Command::Serve => serve::run(&config, cancel).await?,
        Command::Work => work::run(&config, cancel).await?,
        Command::Log(LogCommand::Verify { organization, .. }) => {
            return log_verify::run(&config, organization.as_deref(), out).await;
        }
        Command::Anchors(command) => return anchors::run(&config, &command, out).await,
        Command::Log(LogCommand::Export { organization, out: to }) => {
            log_export::run(&config, &organization, to.as_deref(), out).await?;
        }
        Command::Log(LogCommand::Show {
            stream,
            correlation,
            organization,
            as_of,
            json,
        }) => {
            let wanted = match (stream, correlation) {
                (Some(stream), _) => log_show::Wanted::Stream(stream),
                (None, Some(correlation)) => log_show::Wanted::Correlation(correlation),
                (None, None) => return Err(CliError::Usage("Name a stream or a correlation.")),
            };
            let question = log_show::Question {
                wanted,
                organization: organization.as_deref(),
                as_of,
                json,
            };
            log_show::run(&config, &question, out).await?;
        }
        Command::Projections(command) => return projections::run(&config, command, out, err).await,
        Command::Guards(GuardsCommand::Rebuild { organization, only, .. }) => {
            guards::rebuild(&config, organization.as_deref(), only.as_deref(), out).await?;
        }
        Command::Ledger(LedgerCommand::Export {
            organization,
            entity,
            format,
        }) => {
            ledger::export(&config, &organization, entity.as_deref(), format, out).await?;
        }
    }
    Ok(0)
}
