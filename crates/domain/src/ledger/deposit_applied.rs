use super::{Entry, JournalEntryPosted, LedgerAccount};
use crate::{
    JournalEntryId,
    charge::SourceRef,
    deposit::{DepositApplied, DepositRequested},
};

/// What was held pays for an invoice: the liability is gone, and so is the debt. What it paid for was earned, or will be, by
/// the invoice's own entries.
///
/// ```text
/// Dr Deposits              applied
/// Cr Accounts receivable   applied
/// ```
pub fn deposit_applied(
    id: JournalEntryId,
    requested: &DepositRequested,
    applied: &DepositApplied,
    invoice_number: &str,
    source: SourceRef,
) -> Option<JournalEntryPosted> {
    Entry::new(
        id,
        requested.legal_entity_id,
        applied.on,
        applied.amount.currency,
        "deposit_applied@1",
        format!("Deposit applied to {invoice_number}"),
        source,
    )
    .post_for(LedgerAccount::Deposits, applied.amount.minor, requested.payer, None)
    .post_for(
        LedgerAccount::AccountsReceivable,
        -applied.amount.minor,
        requested.payer,
        Some(applied.invoice_id),
    )
    .done()
}
