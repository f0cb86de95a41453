use super::{close, lock, settle::today};
use crate::{App, Caller, Operation, Outcome, access, trouble};
use coterie_domain::{
    JournalEntryId, VisitorBookingId,
    charge::SourceRef,
    ledger::{self, JournalEvent},
    visitor_booking::{self, VisitorBookingEvent},
};

/// Records that the gateway gave a visitor back what was hers. Saying it again changes nothing.
///
/// # Errors
/// `NotFound` for an unknown visit; whatever the database says.
pub async fn refunded(app: &App, caller: &Caller, id: VisitorBookingId, refund_id: &str) -> Outcome<()> {
    trouble::again(|| refunded_once(app, caller, id, refund_id)).await
}

async fn refunded_once(app: &App, caller: &Caller, id: VisitorBookingId, refund_id: &str) -> Outcome<()> {
    access::operates(caller)?;
    let mut op = Operation::open(app, caller).await?;
    let (visit, version) = lock(&mut op, id).await?;
    let Some(refunded) = visitor_booking::refunded(&visit, refund_id) else {
        return op.commit(()).await;
    };
    let of_invoice = visit.due_back().and_then(|due| due.of_invoice);
    close(&mut op, id).await?;
    let source = SourceRef {
        category: "visitor_booking".to_owned(),
        stream_id: id.0,
        version: version + 1,
        event_type: "VisitorRefunded".to_owned(),
    };
    let (entry, today) = (JournalEntryId(op.new_id()), today(&mut op, &visit).await?);
    let entry = ledger::visitor_refunded(entry, &visit.fact, &refunded, of_invoice, today, source);
    op.write(id.0, version, [VisitorBookingEvent::from(refunded)])?;
    if let Some(entry) = entry {
        op.write(entry.entry_id.0, 0, [JournalEvent::from(entry)])?;
    }
    op.commit(()).await
}
