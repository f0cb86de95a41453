//! Bookings by visitors: a time is held while its page at the gateway is open, and whoever hears first that it was paid (the
//! visitor coming back, a webhook, the sweep) books it. What she gives up afterwards is given back.

mod cancel;
mod lapse;
mod link;
mod open;
pub mod page;
mod page_made;
mod quote;
mod refund;
mod settle;

pub use cancel::*;
pub use link::*;
pub use open::*;
pub use page_made::*;
pub use quote::*;
pub use refund::*;
pub use settle::*;

use crate::{Operation, UseCaseError};
use coterie_domain::{
    VisitorBookingId, text,
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

/// Money of hers is to go back: the sweep asks after it until it did. A visit that was over has no row any more.
async fn owe_in_op(op: &mut Operation, visit: &VisitorBooking, email_hmac: Vec<u8>) -> Result<(), UseCaseError> {
    let tenant = op.tenant();
    sqlx::query(
        "insert into visitor_booking (tenant_id, visitor_booking_id, booking_id, member_id, account_id, email_hmac, session_id, refund_due)
         values ($1, $2, $3, $4, $5, $6, $7, true)
         on conflict (tenant_id, visitor_booking_id) do update set refund_due = true",
    )
    .bind(tenant)
    .bind(visit.fact.visitor_booking_id.0)
    .bind(visit.fact.booking_id.0)
    .bind(visit.fact.member_id.0)
    .bind(&visit.fact.account_id)
    .bind(email_hmac)
    .bind(visit.page.as_ref().map(|page| page.session_id.as_str()))
    .execute(op.conn())
    .await?;
    Ok(())
}

/// The digest of an address, as the rows have it.
fn digest(op: &Operation, email: &str) -> Vec<u8> {
    // What is no address is refused as a field by the decision.
    let email = text::email(email).unwrap_or_default();
    op.app().config.secret.email_hmac(op.tenant(), &email)
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
