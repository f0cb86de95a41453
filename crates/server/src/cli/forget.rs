use super::{CliError, tenants};
use crate::config::Config;
use crate::wiring;
use clap::Args;
use coterie_app::{App, AppConfig, Caller, UseCaseError, member};
use coterie_domain::MemberId;
use std::io::Write;
use uuid::Uuid;

#[derive(Debug, Args)]
pub(super) struct ForgetArgs {
    /// The organization's slug.
    #[arg(long, value_name = "SLUG")]
    organization: String,
    /// The member's id.
    #[arg(long, value_name = "ID")]
    member: Uuid,
}

/// `coterie forget`: forgets a member, or says what stands against it.
pub(super) async fn run(config: &Config, args: &ForgetArgs, out: &mut dyn Write) -> Result<(), CliError> {
    let url = config.app_url.as_ref().ok_or(CliError::Missing("APP_DATABASE_URL"))?;
    let secret = config.secret_key.clone();
    let secret = secret.ok_or(CliError::Missing("COTERIE_SECRET_KEY"))?;
    let keys = config.master_keys.clone();
    let keys = keys.ok_or(CliError::Missing("COTERIE_MASTER_KEYS"))?;
    let finding = tenants::worker_pool(config)?;
    let tenant = tenants::by_slug(&finding, &args.organization).await?.id;
    finding.close().await;
    let app = App::new(wiring::pool(url, 1), AppConfig::new(secret, keys));
    let forgotten = member::forget(&app, &Caller::system(tenant, "forget"), MemberId(args.member)).await;
    app.pool.close().await;
    match forgotten {
        Ok(done) => {
            writeln!(
                out,
                "{} is forgotten, at position {}. Her invoices are kept whole until their legal years are over.",
                args.member, done.position
            )?;
            Ok(())
        }
        Err(UseCaseError::Refused(refusal)) => Err(CliError::Refused(refusal.sentence)),
        Err(UseCaseError::NotFound) => Err(CliError::Refused(format!(
            "{} has no member {}.",
            args.organization, args.member
        ))),
        Err(error) => Err(error.into()),
    }
}
