use super::{booking_news::what, link, organization_name, queue};
use crate::{
    WorkerConfig,
    jobs::{after, event, reading},
    mail::templates::WaitlistOffer,
    queue::{Job, JobError},
};
use coterie_app::{booking, member, operation, waitlist};
use coterie_domain::{local_time, waitlist::WaitlistEvent};

/// What she waits for became free and is held for her: until when, and where to book it.
pub(in crate::jobs) async fn run(config: &WorkerConfig, job: Job) -> Result<(), JobError> {
    let mut op = reading(config, &job).await?;
    let recorded = event(&mut op, &job).await?;
    let WaitlistEvent::WaitlistOffered(offered) = operation::decode(&recorded).map_err(after)? else {
        return Ok(());
    };
    let (entry, _) = waitlist::load(&mut op, offered.entry_id).await.map_err(after)?;
    let (held, _) = booking::load(&mut op, offered.booking_id).await.map_err(after)?;
    let zone = local_time::zone(&entry.fact.time_zone).map_err(|refusal| JobError::fail(refusal.sentence))?;
    let organization = organization_name(&mut op).await?;
    let (member, _) = member::load(&mut op, entry.fact.member_id).await.map_err(after)?;
    let letter = WaitlistOffer {
        organization: organization.clone(),
        name: member.name.clone(),
        link: link(config, job.tenant, &format!("/bookings/{}", offered.booking_id)).await?,
        what: what(&mut op, &held.fact).await?,
        sentences: vec![
            "You waited for this time, and it is free now.".to_owned(),
            format!(
                "It is held for you until {}. Book it before, or the next in line gets it.",
                zone.to_datetime(offered.expires_at).strftime("%-d %B %Y, %H:%M")
            ),
        ],
        button: "Book it".to_owned(),
    };
    let (person, subject) = (member.member_id.0, offered.booking_id.0);
    queue(
        config,
        op,
        &organization,
        &letter,
        subject,
        person,
        &member.name,
        &member.email,
    )
    .await
}
