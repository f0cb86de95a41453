use super::close;
use crate::{Operation, UseCaseError, booking, member};
use coterie_domain::visitor_booking::{self, VisitorBooking, VisitorBookingEvent};

/// Nobody paid and nobody can any more: the time is free, and whoever she was is forgotten, for the house has no use for it.
pub(super) async fn lapse_in_op(op: &mut Operation, visit: &VisitorBooking, version: i64) -> Result<(), UseCaseError> {
    let Some(lapsed) = visitor_booking::lapse(visit) else {
        return Ok(());
    };
    let id = visit.fact.visitor_booking_id;
    booking::give_up_hold_in_op(op, visit.fact.booking_id).await?;
    close(op, id).await?;
    op.write(id.0, version, [VisitorBookingEvent::from(lapsed)])?;
    member::forget_visitor_in_op(op, visit.fact.member_id).await
}
