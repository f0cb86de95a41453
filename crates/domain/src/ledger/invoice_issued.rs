use super::{Entry, JournalEntryPosted, LedgerAccount};
use crate::{JournalEntryId, charge::SourceRef, invoice::InvoiceIssued};

/// An invoice goes out: the payer owes it; recurring prices, less what coupons take off them, wait to be earned; usage was
/// earned when it happened.
///
/// ```text
/// Dr Accounts receivable   gross
/// Cr Deferred revenue      net of recurring lines and discounts
/// Cr Unbilled receivable   net of usage lines
/// Cr VAT payable           tax
/// ```
pub fn invoice_issued(id: JournalEntryId, invoice: &InvoiceIssued) -> Option<JournalEntryPosted> {
    let recurring: i64 = invoice
        .lines
        .iter()
        .filter(|line| line.kind.is_deferred())
        .map(|line| line.net_minor)
        .sum();
    let usage: i64 = invoice.net_minor - recurring;
    let source = SourceRef {
        category: "invoice".to_owned(),
        stream_id: invoice.invoice_id.0,
        version: 1,
        event_type: "InvoiceIssued".to_owned(),
    };
    // Books are kept longer than people: the payer stands in the posting by id, her name on the invoice.
    let memo = format!("Invoice {}", invoice.number);
    Entry::new(
        id,
        invoice.legal_entity_id,
        invoice.issue_date,
        invoice.currency,
        "invoice_issued@1",
        memo,
        source,
    )
    .post_for(
        LedgerAccount::AccountsReceivable,
        invoice.gross_minor,
        invoice.payer,
        Some(invoice.invoice_id),
    )
    .post(LedgerAccount::DeferredRevenue, -recurring)
    .post_for(LedgerAccount::UnbilledReceivable, -usage, invoice.payer, None)
    .post(LedgerAccount::VatPayable, -invoice.tax_minor)
    .done()
}
