use super::{Entry, JournalEntryPosted, LedgerAccount};
use crate::{
    JournalEntryId,
    charge::{ChargeMade, SourceRef},
};

/// A member of another legal entity used something here: it is earned here, and the other one, which invoices it, owes it. The
/// other side is `booking_charged`.
///
/// ```text
/// Dr Due from other entities   net
/// Cr Booking revenue           net
/// ```
pub fn used_elsewhere(id: JournalEntryId, charge: &ChargeMade) -> Option<JournalEntryPosted> {
    let sign = 1;
    posted(
        id,
        charge,
        sign,
        "used_elsewhere@1",
        charge.description.clone(),
        charge.source.clone(),
    )
}

/// The charge is taken back: the reverse, on the same day.
///
/// ```text
/// Dr Booking revenue           net
/// Cr Due from other entities   net
/// ```
pub fn used_elsewhere_voided(id: JournalEntryId, charge: &ChargeMade, source: SourceRef) -> Option<JournalEntryPosted> {
    let memo = format!("Cancelled: {}", charge.description);
    posted(id, charge, -1, "used_elsewhere_voided@1", memo, source)
}

fn posted(
    id: JournalEntryId,
    charge: &ChargeMade,
    sign: i64,
    rule: &str,
    memo: String,
    source: SourceRef,
) -> Option<JournalEntryPosted> {
    Entry::new(
        id,
        charge.supplied_by?,
        charge.service_from,
        charge.net.currency,
        rule,
        memo,
        source,
    )
    .post(LedgerAccount::DueFromEntities, sign * charge.net.minor)
    .post(LedgerAccount::BookingRevenue, -sign * charge.net.minor)
    .done()
}
