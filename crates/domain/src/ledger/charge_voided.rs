use super::{Entry, JournalEntryPosted, LedgerAccount, booking_charged::revenue_of};
use crate::{
    JournalEntryId,
    charge::{ChargeMade, SourceRef},
};

/// A charge that was never invoiced is taken back: the reverse of `booking_charged`, on the same day.
///
/// ```text
/// Dr Booking revenue       net
/// Cr Unbilled receivable   net
/// ```
///
/// Of what was used at another legal entity's location, what is due to that one is taken back instead of revenue.
pub fn charge_voided(id: JournalEntryId, charge: &ChargeMade, source: SourceRef) -> Option<JournalEntryPosted> {
    if charge.kind.is_deferred() {
        return None;
    }
    let (rule, earned) = match charge.supplied_by {
        None => ("charge_voided@1", revenue_of(charge.kind)),
        Some(_) => ("charge_voided_elsewhere@1", LedgerAccount::DueToEntities),
    };
    Entry::new(
        id,
        charge.legal_entity_id,
        charge.service_from,
        charge.net.currency,
        rule,
        format!("Cancelled: {}", charge.description),
        source,
    )
    .post(earned, charge.net.minor)
    .post_for(LedgerAccount::UnbilledReceivable, -charge.net.minor, charge.payer, None)
    .done()
}
