use super::{Entry, JournalEntryPosted, LedgerAccount};
use crate::{
    JournalEntryId,
    charge::SourceRef,
    payment::{PaymentAttempted, PaymentSettled},
};
use jiff::civil::Date;

/// Money arrived at the gateway. What exceeds the invoice's open balance is owed back to the payer.
///
/// ```text
/// Dr Stripe balance        received
/// Cr Accounts receivable   up to what is open
/// Cr Customer credit       the rest
/// ```
pub fn payment_settled(
    id: JournalEntryId,
    attempt: &PaymentAttempted,
    settled: &PaymentSettled,
    invoice_number: &str,
    open_minor: i64,
    on: Date,
    source: SourceRef,
) -> Option<JournalEntryPosted> {
    // Money in another currency than was asked for settles nothing: it is owed back until a human has looked.
    let applied = if settled.amount.currency == attempt.amount.currency {
        settled.amount.minor.min(open_minor.max(0))
    } else {
        0
    };
    let memo = format!("Payment of {invoice_number} ({})", settled.intent_id);
    Entry::new(
        id,
        attempt.legal_entity_id,
        on,
        settled.amount.currency,
        "payment_settled@1",
        memo,
        source,
    )
    .post(LedgerAccount::StripeBalance, settled.amount.minor)
    .post_for(
        LedgerAccount::AccountsReceivable,
        -applied,
        attempt.payer,
        Some(attempt.invoice_id),
    )
    .post_for(
        LedgerAccount::CustomerCredit,
        applied - settled.amount.minor,
        attempt.payer,
        Some(attempt.invoice_id),
    )
    .done()
}
