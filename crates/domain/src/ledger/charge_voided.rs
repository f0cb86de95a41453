use super::{Entry, JournalEntryPosted, LedgerAccount};
use crate::{
    JournalEntryId,
    charge::{ChargeKind, ChargeMade, SourceRef},
};

/// A charge that was never invoiced is taken back: the reverse of `booking_charged`, on the same day.
///
/// ```text
/// Dr Booking revenue       net
/// Cr Unbilled receivable   net
/// ```
pub fn charge_voided(id: JournalEntryId, charge: &ChargeMade, source: SourceRef) -> Option<JournalEntryPosted> {
    if charge.kind == ChargeKind::Recurring {
        return None;
    }
    Entry::new(
        id,
        charge.legal_entity_id,
        charge.service_from,
        charge.net.currency,
        "charge_voided@1",
        format!("Cancelled: {}", charge.description),
        source,
    )
    .post(LedgerAccount::BookingRevenue, charge.net.minor)
    .post_for(LedgerAccount::UnbilledReceivable, -charge.net.minor, charge.payer, None)
    .done()
}
