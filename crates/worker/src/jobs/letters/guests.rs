use super::{booking_news::what, link, organization_name, queue_with};
use crate::{
    WorkerConfig,
    jobs::{after, event, reading},
    mail::{
        Attachment,
        templates::{GuestCancelled, GuestInvitation, GuestMoved, Wording},
    },
    queue::{Job, JobError},
};
use coterie_app::{Operation, member, operation};
use coterie_documents::calendar::{Entry, Invitation, invitation};
use coterie_domain::{
    BookingId, GuestId,
    booking::{Booking, BookingEvent, GuestInvited},
};
use coterie_eventlog::RecordedEvent;
use uuid::Uuid;

/// What a guest is told.
#[derive(Clone, Copy)]
enum News {
    Invited,
    Moved,
    /// The whole booking.
    Cancelled,
    /// The guest alone.
    Uninvited,
}

/// Tells the guests of a booking what happened to it, each with a file for the calendar.
pub(in crate::jobs) async fn run(config: &WorkerConfig, job: Job) -> Result<(), JobError> {
    let mut op = reading(config, &job).await?;
    let recorded = event(&mut op, &job).await?;
    let id = BookingId(recorded.stream_id);
    // As it stood with this event: what came later has letters of its own.
    let (before, now) = around(&mut op, &recorded).await?;
    let told: Vec<(GuestInvited, News)> = match operation::decode(&recorded).map_err(after)? {
        BookingEvent::GuestInvited(guest) => vec![(guest, News::Invited)],
        BookingEvent::GuestUninvited(fact) => {
            let guest = before.and_then(|booking| find(&booking, fact.guest_id));
            guest.into_iter().map(|guest| (guest, News::Uninvited)).collect()
        }
        BookingEvent::BookingMoved(_) => all(&now, News::Moved),
        BookingEvent::BookingCancelled(_) | BookingEvent::NoShowRecorded(_) => all(&now, News::Cancelled),
        _ => Vec::new(),
    };
    drop(op);
    for (guest, news) in told {
        tell(config, &job, &recorded, id, &now, &guest, news).await?;
    }
    Ok(())
}

fn find(booking: &Booking, id: GuestId) -> Option<GuestInvited> {
    booking.guests.iter().find(|guest| guest.guest_id == id).cloned()
}

fn all(booking: &Booking, news: News) -> Vec<(GuestInvited, News)> {
    booking.guests.iter().map(|guest| (guest.clone(), news)).collect()
}

/// The booking before and after an event of its.
async fn around(op: &mut Operation, recorded: &RecordedEvent) -> Result<(Option<Booking>, Booking), JobError> {
    /// Folded so far.
    #[derive(Default)]
    struct Seen {
        version: i64,
        before: Option<Booking>,
        now: Option<Booking>,
    }
    let until = recorded.version;
    let seen = op
        .load::<BookingEvent, Seen>(recorded.stream_id, |seen, fact| {
            let seen = seen.unwrap_or_default();
            if seen.version == until {
                return Some(seen);
            }
            Some(Seen {
                version: seen.version + 1,
                before: seen.now.clone(),
                now: Booking::evolve(seen.now, fact),
            })
        })
        .await
        .map_err(after)?;
    seen.and_then(|(seen, _)| Some((seen.before, seen.now?)))
        .ok_or_else(|| JobError::fail("a booking without its first event"))
}

async fn tell(
    config: &WorkerConfig,
    job: &Job,
    recorded: &RecordedEvent,
    id: BookingId,
    booking: &Booking,
    guest: &GuestInvited,
    news: News,
) -> Result<(), JobError> {
    let mut op = reading(config, job).await?;
    let organization = organization_name(&mut op).await?;
    let (member, _) = member::load(&mut op, booking.fact.member_id).await.map_err(after)?;
    let what = what(&mut op, &booking.fact).await?;
    let catalogue = op.catalogue().await.map_err(after)?;
    let house = catalogue
        .location(booking.fact.location_id)
        .map_err(|refusal| JobError::fail(refusal.sentence))?;
    let resource = catalogue
        .resource(booking.fact.resource_id)
        .map_err(|refusal| JobError::fail(refusal.sentence))?;
    let address = &house.address;
    let place = format!(
        "{}, {}, {} {}",
        house.name, address.street, address.postcode, address.city
    );
    let host = &member.name;
    let (organizer, gone) = (
        config.mail_from.email(),
        matches!(news, News::Cancelled | News::Uninvited),
    );
    let summary = format!("{}: {host}", resource.name);
    let file = invitation(&Invitation {
        entry: Entry {
            booking_id: id,
            summary: &summary,
            location: &place,
            starts_at: booking.fact.starts_at,
            ends_at: booking.fact.ends_at,
            cancelled: gone,
            sequence: u32::try_from(recorded.version).unwrap_or(u32::MAX),
            made_at: recorded.occurred_at,
            changed_at: recorded.occurred_at,
        },
        organizer_name: &organization,
        organizer_email: &organizer,
        guest_name: &guest.name,
        guest_email: &guest.email,
    });
    let method = if gone { "CANCEL" } else { "REQUEST" };
    let file = Attachment {
        filename: "invitation.ics".to_owned(),
        content_type: format!("text/calendar; charset=utf-8; method={method}"),
        bytes: file.into_bytes(),
    };
    let link = link(config, job.tenant, "/").await?;
    // One letter for each event: a booking may be moved twice.
    let subject = subject(recorded, guest.guest_id);
    macro_rules! letter {
        ($letter:ident, $sentence:expr) => {{
            let letter = $letter {
                organization: organization.clone(),
                name: guest.name.clone(),
                link,
                what,
                place: place.clone(),
                sentence: $sentence,
            };
            send(config, op, &organization, &letter, subject, guest, file).await
        }};
    }
    match news {
        News::Invited => letter!(GuestInvitation, format!("{host} invites you:")),
        News::Moved => letter!(
            GuestMoved,
            format!("{host} changed what you are invited to. It is now:")
        ),
        News::Cancelled => letter!(
            GuestCancelled,
            format!("{host} invited you to this, and it does not take place:")
        ),
        News::Uninvited => letter!(GuestCancelled, format!("{host} took back the invitation to this:")),
    }
}

/// What tells one letter to a guest from another: the event's command and the guest.
fn subject(recorded: &RecordedEvent, guest: GuestId) -> Uuid {
    Uuid::from_u128(recorded.command_id.as_u128() ^ guest.0.as_u128().rotate_left(64))
}

async fn send<W: Wording>(
    config: &WorkerConfig,
    op: Operation,
    organization: &str,
    letter: &W,
    subject: Uuid,
    guest: &GuestInvited,
    file: Attachment,
) -> Result<(), JobError> {
    let person = guest.member_id.0;
    let (name, email) = (&guest.name, &guest.email);
    queue_with(
        config,
        op,
        organization,
        letter,
        subject,
        person,
        name,
        email,
        vec![file],
    )
    .await
}
