//! A visitor's booking as its own page and the API show it, read from the log itself: it never lags.

use super::{link, load};
use crate::{App, Caller, Operation, UseCaseError, access, booking, invoice, member};
use coterie_domain::{
    VisitorBookingId,
    booking::Booking,
    invoice::InvoiceIssued,
    member::Member,
    visitor_booking::{VisitorBooking, VisitorStanding},
};
use jiff::Timestamp;

#[derive(Debug, Clone, PartialEq)]
pub struct VisitDetail {
    pub visit: VisitorBooking,
    /// The hold, or the booking that it became.
    pub booking: Booking,
    /// Forgotten where nobody paid.
    pub visitor: Member,
    /// Once it is paid.
    pub invoice: Option<InvoiceIssued>,
    pub now: Timestamp,
}

/// # Errors
/// `NotFound` for an unknown visit; operators only.
pub async fn find(app: &App, caller: &Caller, id: VisitorBookingId) -> Result<VisitDetail, UseCaseError> {
    access::operates(caller)?;
    let mut op = Operation::open(app, caller).await?;
    read(&mut op, id).await
}

/// By the secret link.
///
/// # Errors
/// `NotFound` where the link is not genuine or its time is over.
pub async fn by_link(app: &App, caller: &Caller, token: &str) -> Result<VisitDetail, UseCaseError> {
    let mut op = Operation::open(app, caller).await?;
    let id = link::named_by(&op, token)?;
    read(&mut op, id).await
}

async fn read(op: &mut Operation, id: VisitorBookingId) -> Result<VisitDetail, UseCaseError> {
    let (visit, _) = load(op, id).await?;
    let (booking, _) = booking::load(op, visit.fact.booking_id).await?;
    let (visitor, _) = member::load_even_forgotten(op, visit.fact.member_id).await?;
    let invoice = match visit.standing {
        VisitorStanding::Paid(_) | VisitorStanding::Cancelled(_) | VisitorStanding::GivenBack(_) => {
            invoice::load(op, visit.fact.invoice_id).await?
        }
        _ => None,
    };
    Ok(VisitDetail {
        visit,
        booking,
        visitor,
        invoice,
        now: op.now,
    })
}
