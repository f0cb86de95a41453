use super::{Entry, JournalEntryPosted, LedgerAccount};
use crate::{
    JournalEntryId, Payer,
    charge::SourceRef,
    visitor_booking::{VisitorBookingOpened, VisitorRefunded},
};
use jiff::civil::Date;

/// What came too late went back to the visitor: the reverse of `visitor_paid_late`.
///
/// ```text
/// Dr Customer credit   given back
/// Cr Stripe balance    given back
/// ```
pub fn visitor_refunded(
    id: JournalEntryId,
    opened: &VisitorBookingOpened,
    refunded: &VisitorRefunded,
    on: Date,
    source: SourceRef,
) -> Option<JournalEntryPosted> {
    let memo = format!("Given back: {} ({})", opened.charge.description, refunded.refund_id);
    Entry::new(
        id,
        opened.legal_entity_id,
        on,
        refunded.amount.currency,
        "visitor_refunded@1",
        memo,
        source,
    )
    .post_for(
        LedgerAccount::CustomerCredit,
        refunded.amount.minor,
        Payer::Member(opened.member_id),
        None,
    )
    .post(LedgerAccount::StripeBalance, -refunded.amount.minor)
    .done()
}
