use super::{Entry, JournalEntryPosted, LedgerAccount};
use crate::{
    JournalEntryId, Payer,
    charge::SourceRef,
    visitor_booking::{VisitorBookingOpened, VisitorPaidLate},
};
use jiff::civil::Date;

/// Money arrived that no booking can be made of: it is owed back to the visitor. There is no invoice.
///
/// ```text
/// Dr Stripe balance    received
/// Cr Customer credit   received
/// ```
pub fn visitor_paid_late(
    id: JournalEntryId,
    opened: &VisitorBookingOpened,
    late: &VisitorPaidLate,
    on: Date,
    source: SourceRef,
) -> Option<JournalEntryPosted> {
    let memo = format!("Paid too late: {} ({})", opened.charge.description, late.intent_id);
    Entry::new(
        id,
        opened.legal_entity_id,
        on,
        late.amount.currency,
        "visitor_paid_late@1",
        memo,
        source,
    )
    .post(LedgerAccount::StripeBalance, late.amount.minor)
    .post_for(
        LedgerAccount::CustomerCredit,
        -late.amount.minor,
        Payer::Member(opened.member_id),
        None,
    )
    .done()
}
