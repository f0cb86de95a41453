use super::{Entry, JournalEntryPosted, LedgerAccount};
use crate::{JournalEntryId, charge::SourceRef, credit::Earned, credit_pack::CreditPackDefined};

/// A pack of credits lapsed: what nobody used of it is owed to nobody any more, and is earned on its last day. Its VAT was paid when it was
/// sold, and stays (art. 30b (1) of directive 2006/112/EC taxes the transfer, not the use).
///
/// ```text
/// Dr Prepaid credit   what is not earned of the net price
/// Cr Breakage         the same
/// ```
pub fn credit_pack_expired(
    id: JournalEntryId,
    pack: &CreditPackDefined,
    earned: &Earned,
    source: SourceRef,
) -> Option<JournalEntryPosted> {
    Entry::new(
        id,
        pack.legal_entity_id,
        earned.on,
        earned.amount.currency,
        "credit_pack_expired@1",
        format!("Not used of {}", pack.name),
        source,
    )
    .post(LedgerAccount::PrepaidCredit, earned.amount.minor)
    .post(LedgerAccount::Breakage, -earned.amount.minor)
    .done()
}
