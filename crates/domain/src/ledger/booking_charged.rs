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
///
/// Used at another legal entity's location, the revenue is that one's (`used_elsewhere`), and this one owes it:
///
/// ```text
/// Dr Unbilled receivable     net
/// Cr Due to other entities   net
/// ```
pub fn booking_charged(id: JournalEntryId, charge: &ChargeMade) -> Option<JournalEntryPosted> {
    if charge.kind == ChargeKind::Recurring {
        return None;
    }
    let (rule, earned) = match charge.supplied_by {
        None => ("booking_charged@1", LedgerAccount::BookingRevenue),
        Some(_) => ("booking_charged_elsewhere@1", LedgerAccount::DueToEntities),
    };
    Entry::new(
        id,
        charge.legal_entity_id,
        charge.service_from,
        charge.net.currency,
        rule,
        charge.description.clone(),
        charge.source.clone(),
    )
    .post_for(LedgerAccount::UnbilledReceivable, charge.net.minor, charge.payer, None)
    .post(earned, -charge.net.minor)
    .done()
}
