use super::{Entry, JournalEntryPosted, LedgerAccount};
use crate::{
    JournalEntryId,
    charge::SourceRef,
    deposit::{DepositRequested, DepositReturned},
};

/// What was held was paid out by a transfer. The reference stands in its event, sealed; books are kept longer.
///
/// ```text
/// Dr Deposits   returned
/// Cr Bank       returned
/// ```
pub fn deposit_returned(
    id: JournalEntryId,
    requested: &DepositRequested,
    returned: &DepositReturned,
    source: SourceRef,
) -> Option<JournalEntryPosted> {
    Entry::new(
        id,
        requested.legal_entity_id,
        returned.on,
        returned.amount.currency,
        "deposit_returned@1",
        "Deposit returned".to_owned(),
        source,
    )
    .post_for(LedgerAccount::Deposits, returned.amount.minor, requested.payer, None)
    .post(LedgerAccount::Bank, -returned.amount.minor)
    .done()
}
