use super::{Entry, JournalEntryPosted, LedgerAccount};
use crate::{
    JournalEntryId, Money,
    charge::{ChargeKind, SourceRef},
    credit_note::{Credited, left_of},
    invoice::InvoiceIssued,
    period::{self, Days},
};

/// The part of an invoice's recurring lines whose days lie in one month is earned, on the month's last such day. Parts
/// are cumulative by day, so that the months of a line sum to it. What credit notes took back of a line is not earned. A
/// discount lessens the revenue on the days that it was taken off, on an account of its own: what the plans would have made
/// and what coupons cost can both be read.
///
/// ```text
/// Dr Deferred revenue      net of the days, less discounts
/// Dr Discounts             what coupons take off the days
/// Cr Membership revenue    price of the days
/// ```
pub fn revenue_earned(
    id: JournalEntryId,
    invoice: &InvoiceIssued,
    credited: &Credited,
    month: Days,
) -> Option<JournalEntryPosted> {
    let (mut earned, mut discounts) = (0, 0);
    let mut last = None;
    for line in invoice.lines.iter().filter(|line| line.kind.is_deferred()) {
        let service = Days {
            start: line.service_from,
            end: line.service_to,
        };
        let part = service.intersect(month);
        if part.count() > 0 {
            let from = period::days_between(service.start, part.start);
            let share = Money::new(left_of(line, credited), invoice.currency)
                .share(from, from + part.count(), service.count())
                .minor;
            if line.kind == ChargeKind::Discount {
                discounts += share;
            } else {
                earned += share;
            }
            last = last.max(Some(part.last()));
        }
    }
    let source = SourceRef {
        category: "invoice".to_owned(),
        stream_id: invoice.invoice_id.0,
        version: 1,
        event_type: "InvoiceIssued".to_owned(),
    };
    let memo = format!("Earned in {} on {}", period::month_name(month.start), invoice.number);
    Entry::new(
        id,
        invoice.legal_entity_id,
        last?,
        invoice.currency,
        "revenue_earned@2",
        memo,
        source,
    )
    .post(LedgerAccount::DeferredRevenue, earned + discounts)
    .post(LedgerAccount::Discounts, -discounts)
    .post(LedgerAccount::MembershipRevenue, -earned)
    .done()
}

/// The months in which an invoice's recurring lines are earned.
pub fn months_to_earn(invoice: &InvoiceIssued) -> Vec<Days> {
    let recurring = || invoice.lines.iter().filter(|line| line.kind.is_deferred());
    let (Some(start), Some(end)) = (
        recurring().map(|line| line.service_from).min(),
        recurring().map(|line| line.service_to).max(),
    ) else {
        return Vec::new();
    };
    Days { start, end }.by_month()
}
