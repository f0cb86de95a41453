//! Bookings by visitors: a time is held while its page at the gateway is open, and whoever hears first that it was paid (the
//! visitor coming back, a webhook, the sweep) books it.

mod lapse;
mod link;
mod open;
pub mod page;
mod page_made;
mod quote;
mod refund;
mod settle;

pub use link::*;
pub use open::*;
pub use page_made::*;
pub use quote::*;
pub use refund::*;
pub use settle::*;

use crate::{Operation, UseCaseError};
use coterie_domain::{
    VisitorBookingId,
    visitor_booking::{VisitorBooking, VisitorBookingEvent},
};

/// # Errors
/// `NotFound` when the organization has no such visitor's booking.
pub async fn load(op: &mut Operation, id: VisitorBookingId) -> Result<(VisitorBooking, i64), UseCaseError> {
    op.load::<VisitorBookingEvent, VisitorBooking>(id.0, VisitorBooking::evolve)
        .await?
        .ok_or(UseCaseError::NotFound)
}

/// As [`load`], with its row locked while it has one, so that those who hear the same news follow one another.
async fn lock(op: &mut Operation, id: VisitorBookingId) -> Result<(VisitorBooking, i64), UseCaseError> {
    let tenant = op.tenant();
    sqlx::query("select from visitor_booking where tenant_id = $1 and visitor_booking_id = $2 for update")
        .bind(tenant)
        .bind(id.0)
        .fetch_optional(op.conn())
        .await?;
    load(op, id).await
}

/// It is over: nothing is to come any more.
async fn close(op: &mut Operation, id: VisitorBookingId) -> Result<(), UseCaseError> {
    let tenant = op.tenant();
    sqlx::query("delete from visitor_booking where tenant_id = $1 and visitor_booking_id = $2")
        .bind(tenant)
        .bind(id.0)
        .execute(op.conn())
        .await?;
    Ok(())
}
