use super::{link, organization_name, queue};
use crate::{
    WorkerConfig,
    jobs::{after, event, reading},
    mail::templates::{BookingApproved, BookingDeclined, NoShow, RequestExpired},
    queue::{Job, JobError},
};
use coterie_app::{Operation, booking, member, operation};
use coterie_domain::{
    BookingId,
    booking::{BookingConfirmed, BookingEvent, WaitsFor},
    local_time,
    refusal::Refusal,
};

/// What became of a booking without its member: staff answered, or did not, or she did not come.
pub(in crate::jobs) async fn run(config: &WorkerConfig, job: Job) -> Result<(), JobError> {
    let mut op = reading(config, &job).await?;
    let recorded = event(&mut op, &job).await?;
    let id = BookingId(recorded.stream_id);
    let asked = asked_of_staff(&mut op, id).await?;
    let (found, _) = booking::load(&mut op, id).await.map_err(after)?;
    let what = what(&mut op, &found.fact).await?;
    let organization = organization_name(&mut op).await?;
    let (member, _) = member::load(&mut op, found.fact.member_id).await.map_err(after)?;
    let page = link(config, job.tenant, &format!("/bookings/{id}")).await?;
    let (name, email, person) = (member.name.clone(), member.email.clone(), member.member_id.0);
    macro_rules! send {
        ($letter:ident, $sentences:expr, $button:literal) => {{
            let letter = $letter {
                organization: organization.clone(),
                name: name.clone(),
                link: page,
                what,
                sentences: $sentences,
                button: $button.to_owned(),
            };
            queue(config, op, &organization, &letter, id.0, person, &name, &email).await
        }};
    }
    match operation::decode(&recorded).map_err(after)? {
        BookingEvent::BookingConfirmed(fact) if asked => {
            let sentence = match fact.charged.minor {
                0 => "The house said yes: it is booked, and nothing is charged for it.".to_owned(),
                _ => format!(
                    "The house said yes: it is booked, for {} plus VAT on your next invoice.",
                    fact.charged
                ),
            };
            send!(BookingApproved, vec![sentence], "See the booking")
        }
        BookingEvent::BookingDeclined(fact) => {
            let sentences = vec![
                format!("The house cannot give it to you: {}", fact.reason),
                "Nothing is charged. Perhaps another room or another time does.".to_owned(),
            ];
            send!(BookingDeclined, sentences, "See the booking")
        }
        BookingEvent::HoldExpired(_) if asked => {
            let sentence = "You asked for it, and the house did not answer in time. Nothing is charged. We are sorry.";
            send!(RequestExpired, vec![sentence.to_owned()], "See the booking")
        }
        BookingEvent::NoShowRecorded(fact) => {
            let mut sentences = vec![
                "Nobody checked in for it in time, so that others can have it. What it cost stays due.".to_owned(),
            ];
            if let (Some(_), Some(fee)) = (fact.fee_charge, found.fact.no_show_fee) {
                sentences.push(format!(
                    "The fee for not coming, {fee} plus VAT, is on your next invoice."
                ));
            }
            send!(NoShow, sentences, "See the booking")
        }
        _ => Ok(()),
    }
}

/// Whether staff were asked for it, rather than its member.
async fn asked_of_staff(op: &mut Operation, id: BookingId) -> Result<bool, JobError> {
    let asked = op
        .load::<BookingEvent, WaitsFor>(id.0, |state, event| match event {
            BookingEvent::BookingHeld(held) => Some(held.waits_for),
            _ => state,
        })
        .await
        .map_err(after)?;
    Ok(asked.is_some_and(|(waits_for, _)| waits_for == WaitsFor::Staff))
}

/// `Elbe, 22 January 2026, 10:00 to 12:00 (Europe/Berlin)`
pub(super) async fn what(op: &mut Operation, fact: &BookingConfirmed) -> Result<String, JobError> {
    let catalogue = op.catalogue().await.map_err(after)?;
    let words = || {
        let zone = local_time::zone(&fact.time_zone)?;
        let (start, end) = (zone.to_datetime(fact.starts_at), zone.to_datetime(fact.ends_at));
        Ok(format!(
            "{}, {}, {} to {} ({})",
            catalogue.resource(fact.resource_id)?.name,
            start.strftime("%-d %B %Y"),
            start.strftime("%H:%M"),
            end.strftime("%H:%M"),
            fact.time_zone
        ))
    };
    words().map_err(|refusal: Refusal| JobError::fail(refusal.sentence))
}
