use super::{Entry, JournalEntryPosted, LedgerAccount};
use crate::{JournalEntryId, charge::SourceRef, credit::Earned, credit_pack::CreditPackDefined};

/// Something drew on a pack of credits: its part of the price is earned, on the day of what drew on it. It was invoiced and taxed when it
/// was sold.
///
/// ```text
/// Dr Prepaid credit    the use's part of the net price
/// Cr Booking revenue   the same
/// ```
pub fn credit_pack_used(
    id: JournalEntryId,
    pack: &CreditPackDefined,
    earned: &Earned,
    source: SourceRef,
) -> Option<JournalEntryPosted> {
    let memo = format!("Used of {}", pack.name);
    posted(id, pack, (earned, 1), ("credit_pack_used@1", memo), source)
}

/// What drew on it was given up at no cost: the reverse of what that use earned, to the cent and on the same day.
///
/// ```text
/// Dr Booking revenue   what the use had earned
/// Cr Prepaid credit    the same
/// ```
pub fn credit_pack_restored(
    id: JournalEntryId,
    pack: &CreditPackDefined,
    earned: &Earned,
    source: SourceRef,
) -> Option<JournalEntryPosted> {
    let memo = format!("Given back to {}", pack.name);
    posted(id, pack, (earned, -1), ("credit_pack_restored@1", memo), source)
}

fn posted(
    id: JournalEntryId,
    pack: &CreditPackDefined,
    (earned, sign): (&Earned, i64),
    (rule, memo): (&str, String),
    source: SourceRef,
) -> Option<JournalEntryPosted> {
    let minor = sign * earned.amount.minor;
    Entry::new(
        id,
        pack.legal_entity_id,
        earned.on,
        earned.amount.currency,
        rule,
        memo,
        source,
    )
    .post(LedgerAccount::PrepaidCredit, minor)
    .post(LedgerAccount::BookingRevenue, -minor)
    .done()
}
