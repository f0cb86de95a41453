use super::{link, organization_name, queue};
use crate::{
    WorkerConfig,
    jobs::{after, field, reading},
    mail::templates::ConfirmEmail,
    queue::{Job, JobError},
};
use coterie_app::{clock, member, session};
use coterie_domain::MemberId;
use jiff::ToSpan;

pub(in crate::jobs) async fn run(config: &WorkerConfig, job: Job) -> Result<(), JobError> {
    let id: MemberId = field(&job, "stream_id")?;
    let mut op = reading(config, &job).await?;
    let (member, _) = member::load(&mut op, id).await.map_err(after)?;
    if member.confirmed {
        return Ok(());
    }
    let organization = organization_name(&mut op).await?;
    let token = session::confirm_token(&config.app, job.tenant, id.0);
    let until = clock::wall_now()
        .checked_add((7 * 24).hours())
        .map_err(JobError::fail)?;
    let letter = ConfirmEmail {
        organization: organization.clone(),
        name: member.name.clone(),
        link: link(config, job.tenant, &format!("/confirm-email/{token}")).await?,
        valid_until: until.strftime("%-d %B %Y, %H:%M UTC").to_string(),
    };
    queue(
        config,
        op,
        &organization,
        &letter,
        id.0,
        id.0,
        &member.name,
        &member.email,
    )
    .await
}
