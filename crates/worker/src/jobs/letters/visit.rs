//! Letters to visitors, who have no account: what they open is reached by a secret link.

use super::{booking_news::what, link, organization_name, queue, queue_with};
use crate::{
    WorkerConfig,
    jobs::{after, event, reading},
    mail::{
        Attachment,
        templates::{VisitBooked, VisitCancelled, VisitRefunded},
    },
    queue::{Job, JobError},
};
use coterie_app::{Operation, booking, member, operation, visitor_booking};
use coterie_documents::calendar::{Entry, Invitation, invitation};
use coterie_domain::{
    Payer, VisitorBookingId,
    booking::{Booking, BookingConfirmed},
    invoice::InvoiceIssued,
    payment::PaymentAttempted,
    visitor_booking::{VisitorBookingEvent, WhyRefunded},
};
use coterie_eventlog::RecordedEvent;

/// What became of the money that a visitor paid: a booking, or its way back.
pub(in crate::jobs) async fn run(config: &WorkerConfig, job: Job) -> Result<(), JobError> {
    let mut op = reading(config, &job).await?;
    let recorded = event(&mut op, &job).await?;
    let id = VisitorBookingId(recorded.stream_id);
    let (visit, _) = visitor_booking::load(&mut op, id).await.map_err(after)?;
    let (found, _) = booking::load(&mut op, visit.fact.booking_id).await.map_err(after)?;
    let visitor = match member::load(&mut op, visit.fact.member_id).await {
        Err(error) if error.code() == Some("forgotten") => return Ok(()),
        found => found.map_err(after)?.0,
    };
    let organization = organization_name(&mut op).await?;
    let path = page(config, &mut op, id).await?;
    let link = link(config, job.tenant, &path).await?;
    let what = what(&mut op, &found.fact).await?;
    let place = place(&mut op, &found.fact).await?;
    let (name, email, person) = (visitor.name.clone(), visitor.email.clone(), visitor.member_id.0);
    match operation::decode(&recorded).map_err(after)? {
        VisitorBookingEvent::VisitorBookingPaid(paid) => {
            let letter = VisitBooked {
                organization: organization.clone(),
                name: name.clone(),
                link,
                what,
                sentences: vec![
                    place.clone(),
                    format!("You paid {}. It is booked, and there is nothing more to pay.", paid.amount),
                    "The attached file puts it into your calendar. The link below is yours alone: it shows your booking and its invoice.".to_owned(),
                ],
                button: "See the booking".to_owned(),
            };
            let calendar = calendar(config, &organization, &place, &recorded, &found, &name, &email, false);
            let files = vec![calendar];
            queue_with(config, op, &organization, &letter, id.0, person, &name, &email, files).await
        }
        VisitorBookingEvent::VisitorPaidLate(late) => {
            let why = match late.why {
                WhyRefunded::TimeGone => {
                    "Your payment came when the time was not held for you any more, and it is not free."
                }
                WhyRefunded::AnotherAmount => "Your payment was not what the booking costs, so it could not be made.",
            };
            let letter = VisitRefunded {
                organization: organization.clone(),
                name: name.clone(),
                link,
                what,
                sentences: vec![
                    why.to_owned(),
                    format!(
                        "All of it, {}, goes back to your card. It may take your bank some days to show it.",
                        late.amount
                    ),
                ],
                button: "See what happened".to_owned(),
            };
            queue(config, op, &organization, &letter, id.0, person, &name, &email).await
        }
        VisitorBookingEvent::VisitorCancelled(cancelled) => {
            let back = if cancelled.amount.minor > 0 {
                format!(
                    "{} goes back to your card. It may take your bank some days to show it. The credit note comes by itself.",
                    cancelled.amount
                )
            } else {
                "By its terms all of the price is due, so nothing goes back.".to_owned()
            };
            let who = if recorded.actor == visitor_booking::BY_VISITOR {
                "You gave this booking up."
            } else {
                "The house cancelled this booking."
            };
            let letter = VisitCancelled {
                organization: organization.clone(),
                name: name.clone(),
                link,
                what,
                sentences: vec![place.clone(), who.to_owned(), back],
                button: "See what happened".to_owned(),
            };
            let calendar = calendar(config, &organization, &place, &recorded, &found, &name, &email, true);
            let files = vec![calendar];
            queue_with(config, op, &organization, &letter, id.0, person, &name, &email, files).await
        }
        _ => Ok(()),
    }
}

/// Whether an invoice is one that a visitor paid up front.
pub(super) async fn is_visitors(op: &mut Operation, invoice: &InvoiceIssued) -> Result<bool, JobError> {
    let Payer::Member(id) = invoice.payer else {
        return Ok(false);
    };
    match member::load(op, id).await {
        Err(error) if error.code() == Some("forgotten") => Ok(false),
        found => Ok(found.map_err(after)?.0.visitor),
    }
}

/// The visit that a payment was made on the page of.
pub(super) fn of_payment(fact: &PaymentAttempted) -> Option<VisitorBookingId> {
    fact.request.get("visitor_booking")?.as_str()?.parse().ok()
}

/// The path of a visit's page, with the secret in it.
pub(super) async fn page(config: &WorkerConfig, op: &mut Operation, id: VisitorBookingId) -> Result<String, JobError> {
    let (visit, _) = visitor_booking::load(op, id).await.map_err(after)?;
    let token = visitor_booking::visit_token(&config.app, op.tenant(), &visit);
    Ok(format!("/visits/{token}"))
}

async fn place(op: &mut Operation, fact: &BookingConfirmed) -> Result<String, JobError> {
    let catalogue = op.catalogue().await.map_err(after)?;
    let house = catalogue
        .location(fact.location_id)
        .map_err(|refusal| JobError::fail(refusal.sentence))?;
    let address = &house.address;
    Ok(format!(
        "{}, {}, {} {}",
        house.name, address.street, address.postcode, address.city
    ))
}

#[expect(clippy::too_many_arguments, reason = "an entry is made of exactly these")]
fn calendar(
    config: &WorkerConfig,
    organization: &str,
    place: &str,
    recorded: &RecordedEvent,
    found: &Booking,
    name: &str,
    email: &str,
    cancelled: bool,
) -> Attachment {
    let file = invitation(&Invitation {
        entry: Entry {
            booking_id: found.fact.booking_id,
            summary: organization,
            location: place,
            starts_at: found.fact.starts_at,
            ends_at: found.fact.ends_at,
            cancelled,
            sequence: u32::from(cancelled),
            made_at: recorded.occurred_at,
            changed_at: recorded.occurred_at,
        },
        organizer_name: organization,
        organizer_email: &config.mail_from.email(),
        guest_name: name,
        guest_email: email,
    });
    let method = if cancelled { "CANCEL" } else { "REQUEST" };
    Attachment {
        filename: "booking.ics".to_owned(),
        content_type: format!("text/calendar; charset=utf-8; method={method}"),
        bytes: file.into_bytes(),
    }
}
