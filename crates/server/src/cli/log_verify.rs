use super::tenants::{self, Tenant};
use super::{CliError, guards};
use crate::config::Config;
use coterie_eventlog::{Agreement, Verdict, compare_anchors, verify};
use coterie_worker::anchors::Anchors;
use sqlx::PgPool;
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
    let anchors = config.anchors.open()?;
    let mut code = 0;
    for tenant in &wanted {
        let slug = &tenant.slug;
        match verify(&pool, tenant.id, |_| {}).await? {
            Verdict::Intact { events, head, .. } => {
                write!(out, "{slug}: {events} events, intact, head {}", hex::encode(head))?;
                // Both are asked, so that one fault does not hide the other.
                let anchored = agrees(&pool, anchors.as_ref(), tenant, out).await?;
                if !guards::compare(&app, tenant, out).await? || !anchored {
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

/// Holds the chain to the anchors outside the database and ends the organization's line with what they say.
async fn agrees(
    pool: &PgPool,
    anchors: Option<&Anchors>,
    tenant: &Tenant,
    out: &mut dyn Write,
) -> Result<bool, CliError> {
    let Some(anchors) = anchors else {
        writeln!(out)?;
        return Ok(true);
    };
    let kept = anchors.store.all(tenant.id).await?;
    match compare_anchors(pool, tenant.id, &kept, &anchors.keys()).await? {
        Agreement::Agrees { up_to: None, .. } => writeln!(out, "; not anchored yet")?,
        Agreement::Agrees {
            anchors,
            up_to: Some(position),
        } => writeln!(out, "; {anchors} anchors agree, the last for event {position}")?,
        Agreement::Disagrees { reason, .. } => {
            writeln!(out, "\n{}: broken: {reason}", tenant.slug)?;
            return Ok(false);
        }
    }
    Ok(true)
}
