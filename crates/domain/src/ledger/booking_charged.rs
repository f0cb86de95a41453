use super::{Entry, JournalEntryPosted, LedgerAccount};
use crate::{
    JournalEntryId,
    charge::{ChargeKind, ChargeMade},
};

/// Booked time beyond the allowance, a pass, or a cancellation fee, on the day of the booking or the pass: earned, not yet
/// invoiced.
/// Recurring charges post when they are invoiced (`invoice_issued`), because they are earned by the day.
///
/// ```text
/// Dr Unbilled receivable   net
/// Cr Booking revenue       net
/// ```
pub fn booking_charged(id: JournalEntryId, charge: &ChargeMade) -> Option<JournalEntryPosted> {
    if charge.kind == ChargeKind::Recurring {
        return None;
    }
    Entry::new(
        id,
        charge.legal_entity_id,
        charge.service_from,
        charge.net.currency,
        "booking_charged@1",
        charge.description.clone(),
        charge.source.clone(),
    )
    .post_for(LedgerAccount::UnbilledReceivable, charge.net.minor, charge.payer, None)
    .post(LedgerAccount::BookingRevenue, -charge.net.minor)
    .done()
}
