use crate::{App, Caller, Operation, UseCaseError, access, booking::guard};
use coterie_domain::{
    BookingId, ChargeId, InvoiceId, MemberId, PaymentId, ResourceId, VisitorBookingId,
    booking::{self, Slot},
    visitor_booking::{self, Visit, VisitIds},
};
use jiff::civil::DateTime;

/// A visitor's wish for a resource, in wall time at its location.
#[derive(Debug, Clone, Copy)]
pub struct VisitTime {
    pub resource_id: ResourceId,
    pub start: DateTime,
    pub end: DateTime,
}

/// Says what a visit would cost, by the same decision as opening it, and writes nothing.
///
/// # Errors
/// What is not open to visitors or taken (with the next free time); as for a booking.
pub async fn quote(app: &App, caller: &Caller, time: VisitTime) -> Result<Visit, UseCaseError> {
    access::operates(caller)?;
    let mut op = Operation::open(app, caller).await?;
    let ids = new_ids(&op);
    let (_, visit) = decide(&mut op, ids, time).await?;
    Ok(visit)
}

pub(super) fn new_ids(op: &Operation) -> VisitIds {
    VisitIds {
        visitor_booking: VisitorBookingId(op.new_id()),
        visitor: MemberId(op.new_id()),
        booking: BookingId(op.new_id()),
        charge: ChargeId(op.new_id()),
        invoice: InvoiceId(op.new_id()),
        payment: PaymentId(op.new_id()),
    }
}

/// The slot at its price; its resources are locked and free.
pub(super) async fn decide(op: &mut Operation, ids: VisitIds, time: VisitTime) -> Result<(Slot, Visit), UseCaseError> {
    let catalogue = op.catalogue().await?;
    let slot = booking::slot(time.resource_id, time.start, time.end, op.now, &catalogue)?;
    let visit = visitor_booking::visit(ids, &slot, op.now, &catalogue)?;
    guard::check_free(op, &slot, None, &catalogue).await?;
    guard::lock_resources(op, &slot.occupied, &catalogue).await?;
    guard::check_free(op, &slot, None, &catalogue).await?;
    Ok((slot, visit))
}
