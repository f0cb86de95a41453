use super::{CliError, guards, tenants};
use crate::config::Config;
use coterie_eventlog::{Verdict, verify};
use std::io::Write;

/// `coterie log verify`: two lines for each organization, its log's and its guards'; 1 if any log is not what it was, or
/// any guard not what its log says.
pub(super) async fn run(config: &Config, organization: Option<&str>, out: &mut dyn Write) -> Result<u8, CliError> {
    let pool = tenants::worker_pool(config)?;
    let wanted = match organization {
        Some(slug) => vec![tenants::by_slug(&pool, slug).await?],
        None => tenants::all(&pool).await?,
    };
    let app = guards::app(config, &pool)?;
    let mut code = 0;
    for tenant in &wanted {
        let slug = &tenant.slug;
        match verify(&pool, tenant.id, |_| {}).await? {
            Verdict::Intact { events, head, .. } => {
                writeln!(out, "{slug}: {events} events, intact, head {}", hex::encode(head))?;
                if !guards::compare(&app, tenant, out).await? {
                    code = 1;
                }
            }
            Verdict::Broken {
                position,
                event_type,
                stream_id,
                reason,
            } => {
                writeln!(
                    out,
                    "{slug}: broken at position {position} ({event_type}, stream {stream_id}): {reason}"
                )?;
                code = 1;
            }
        }
    }
    if wanted.is_empty() {
        writeln!(out, "There is no organization yet.")?;
    }
    pool.close().await;
    Ok(code)
}
