use super::{Entry, JournalEntryPosted, LedgerAccount};
use crate::{
    InvoiceId, JournalEntryId, Payer,
    charge::SourceRef,
    visitor_booking::{VisitorBookingOpened, VisitorRefunded},
};
use jiff::civil::Date;

/// What was owed to the visitor went back: money that came too late, as `visitor_paid_late` has it, or what a credit note took
/// back of her invoice.
///
/// ```text
/// Dr Customer credit   given back
/// Cr Stripe balance    given back
/// ```
pub fn visitor_refunded(
    id: JournalEntryId,
    opened: &VisitorBookingOpened,
    refunded: &VisitorRefunded,
    of_invoice: Option<InvoiceId>,
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
        of_invoice,
    )
    .post(LedgerAccount::StripeBalance, -refunded.amount.minor)
    .done()
}
