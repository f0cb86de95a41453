use crate::{Operation, UseCaseError};
use coterie_domain::{
    JournalEntryId,
    charge::SourceRef,
    invoice::InvoiceIssued,
    ledger::{self, JournalEvent},
    payment::{PaymentAttempted, PaymentEvent, PaymentSettled},
    visitor_booking::{VisitorBookingOpened, VisitorBookingPaid},
};
use jiff::civil::Date;

/// An invoice that was paid before it was issued: the attempt and its outcome stand in the log together. The money was asked for
/// by the page, whose intent is the invoice's.
///
/// # Errors
/// When the database fails.
pub(crate) async fn paid_up_front_in_op(
    op: &mut Operation,
    issued: &InvoiceIssued,
    opened: &VisitorBookingOpened,
    paid: &VisitorBookingPaid,
    today: Date,
) -> Result<(), UseCaseError> {
    let attempted = PaymentAttempted {
        payment_id: opened.payment_id,
        invoice_id: issued.invoice_id,
        legal_entity_id: issued.legal_entity_id,
        payer: issued.payer,
        amount: opened.amount,
        account_id: opened.account_id.clone(),
        // Who pays once is nobody's customer, and her card is kept nowhere.
        customer_id: String::new(),
        payment_method_id: String::new(),
        intent_id: None,
        attempt: 1,
        on_session: true,
        request: serde_json::json!({ "visitor_booking": opened.visitor_booking_id }),
    };
    let settled = PaymentSettled {
        payment_id: opened.payment_id,
        invoice_id: issued.invoice_id,
        intent_id: paid.intent_id.clone(),
        amount: paid.amount,
    };
    let tenant = op.tenant();
    sqlx::query(
        "update invoice_guard set open_minor = open_minor - least(open_minor, $3), last_payment_id = $4, attempts = attempts + 1,
                intent_id = $5
         where tenant_id = $1 and invoice_id = $2",
    )
    .bind(tenant)
    .bind(issued.invoice_id.0)
    .bind(paid.amount.minor)
    .bind(opened.payment_id.0)
    .bind(&paid.intent_id)
    .execute(op.conn())
    .await?;
    let source = SourceRef {
        category: "payment".to_owned(),
        stream_id: opened.payment_id.0,
        version: 2,
        event_type: "PaymentSettled".to_owned(),
    };
    let id = JournalEntryId(op.new_id());
    let entry = ledger::payment_settled(
        id,
        &attempted,
        &settled,
        &issued.number,
        issued.gross_minor,
        today,
        source,
    );
    let events = [PaymentEvent::from(attempted), PaymentEvent::from(settled)];
    op.write(opened.payment_id.0, 0, events)?;
    if let Some(entry) = entry {
        op.write(entry.entry_id.0, 0, [JournalEvent::from(entry)])?;
    }
    Ok(())
}
