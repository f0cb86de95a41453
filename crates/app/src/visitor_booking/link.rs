//! The secret link by which a visitor comes back to her booking: she has no account to sign in to.

use crate::{App, Operation, UseCaseError};
use coterie_domain::{VisitorBookingId, visitor_booking::VisitorBooking};
use jiff::ToSpan;
use uuid::Uuid;

/// As whom the log has what a visitor does by her link.
pub const BY_VISITOR: &str = "system:visitor";
const PURPOSE: &str = "visit";
/// How long after the day of the visit, by the organization's clock.
const DAYS_AFTER: i64 = 60;

/// The token in the link; it says which visit and until when, and cannot be made without the installation's secret.
pub fn visit_token(app: &App, tenant: Uuid, visit: &VisitorBooking) -> String {
    let day = visit.fact.charge.service_to;
    let until = day
        .to_zoned(jiff::tz::TimeZone::UTC)
        .map_or(visit.fact.pay_by, |at| at.timestamp());
    let until = until.checked_add((DAYS_AFTER * 24).hours()).unwrap_or(until);
    let id = visit.fact.visitor_booking_id;
    app.config.secret.link_token(PURPOSE, tenant, id.0, until)
}

/// The visit that a link's token names.
///
/// # Errors
/// `NotFound` where it is not genuine or its time is over.
pub(super) fn named_by(op: &Operation, token: &str) -> Result<VisitorBookingId, UseCaseError> {
    let secret = &op.app().config.secret;
    secret
        .open_link_token(PURPOSE, op.tenant(), token, op.now)
        .map(VisitorBookingId)
        .ok_or(UseCaseError::NotFound)
}
