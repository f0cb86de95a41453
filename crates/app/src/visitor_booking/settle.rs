//! What the gateway says of a visit's page, recorded. The visitor coming back, the webhook and the sweep all come here, and
//! only the first of them changes anything.

use super::{close, lapse::lapse_in_op, lock, owe_in_op};
use crate::{App, Caller, Operation, Outcome, UseCaseError, access, booking, charge, invoice, payment, trouble};
use coterie_domain::{
    JournalEntryId, Money, VisitorBookingId,
    booking::BookingEvent,
    charge::SourceRef,
    ledger::{self, JournalEvent},
    local_time,
    visitor_booking::{
        self, PageOutcome, VisitorBooking, VisitorBookingEvent, VisitorBookingPaid, VisitorPaidLate, VisitorStanding,
    },
};
use jiff::civil::Date;

/// Records what became of a visit's page. Saying it again changes nothing.
///
/// # Errors
/// `NotFound` for an unknown visit; whatever the database says.
pub async fn settle(app: &App, caller: &Caller, id: VisitorBookingId, outcome: &PageOutcome) -> Outcome<&'static str> {
    trouble::again(|| settle_once(app, caller, id, outcome)).await
}

async fn settle_once(app: &App, caller: &Caller, id: VisitorBookingId, outcome: &PageOutcome) -> Outcome<&'static str> {
    access::operates(caller)?;
    let mut op = Operation::open(app, caller).await?;
    let (visit, version) = lock(&mut op, id).await?;
    match outcome {
        PageOutcome::Closed => lapse_in_op(&mut op, &visit, version).await?,
        PageOutcome::Paid { intent_id, amount } => paid_in_op(&mut op, &visit, version, intent_id, *amount).await?,
    }
    let standing = super::load(&mut op, id).await?.0.standing.name();
    op.commit(standing).await
}

async fn paid_in_op(
    op: &mut Operation,
    visit: &VisitorBooking,
    version: i64,
    intent_id: &str,
    amount: Money,
) -> Result<(), UseCaseError> {
    // What is settled needs no room: asked first, so that the second to hear of it locks nothing.
    if !matches!(visit.standing, VisitorStanding::Open | VisitorStanding::Lapsed) {
        return Ok(());
    }
    let time = booking::time_of_hold_in_op(op, visit.fact.booking_id).await?;
    let id = visit.fact.visitor_booking_id;
    match visitor_booking::paid(visit, intent_id, amount, time.is_some()) {
        Some(VisitorBookingEvent::VisitorBookingPaid(paid)) => {
            let time = time.ok_or_else(|| UseCaseError::Broken(format!("visit {id} has no time")))?;
            book_in_op(op, visit, time, &paid).await?;
            close(op, id).await?;
            op.write(id.0, version, [VisitorBookingEvent::from(paid)])
        }
        Some(VisitorBookingEvent::VisitorPaidLate(late)) => owe_back_in_op(op, visit, version, late).await,
        _ => Ok(()),
    }
}

/// The booking, its charge, its invoice and the money for it: all in the append that records the payment.
async fn book_in_op(
    op: &mut Operation,
    visit: &VisitorBooking,
    time: booking::TimeOfHold,
    paid: &VisitorBookingPaid,
) -> Result<(), UseCaseError> {
    let fact = &visit.fact;
    let (mut confirmed, version) = booking::take_time_in_op(op, time).await?;
    confirmed.charge_id = Some(fact.charge.charge_id);
    op.write(fact.booking_id.0, version, [BookingEvent::from(confirmed)])?;
    let mut charge = fact.charge.clone();
    charge.source.version = version + 1;
    charge::make_in_op(op, &charge).await?;
    let today = today(op, visit).await?.max(charge.billable_on);
    let issued = invoice::issue_as_in_op(op, fact.invoice_id, charge.payer, fact.legal_entity_id, today)
        .await?
        .ok_or_else(|| UseCaseError::Broken(format!("nothing to invoice for {}", fact.visitor_booking_id)))?;
    payment::paid_up_front_in_op(op, &issued, fact, paid, today).await
}

async fn owe_back_in_op(
    op: &mut Operation,
    visit: &VisitorBooking,
    version: i64,
    late: VisitorPaidLate,
) -> Result<(), UseCaseError> {
    let id = visit.fact.visitor_booking_id;
    booking::give_up_hold_in_op(op, visit.fact.booking_id).await?;
    // Of one that had lapsed the address is forgotten.
    owe_in_op(op, visit, Vec::new()).await?;
    let source = SourceRef {
        category: "visitor_booking".to_owned(),
        stream_id: id.0,
        version: version + 1,
        event_type: "VisitorPaidLate".to_owned(),
    };
    let (entry, today) = (JournalEntryId(op.new_id()), today(op, visit).await?);
    let entry = ledger::visitor_paid_late(entry, &visit.fact, &late, today, source);
    op.write(id.0, version, [VisitorBookingEvent::from(late)])?;
    if let Some(entry) = entry {
        op.write(entry.entry_id.0, 0, [JournalEvent::from(entry)])?;
    }
    Ok(())
}

/// In the zone of the company that takes the money.
pub(super) async fn today(op: &mut Operation, visit: &VisitorBooking) -> Result<Date, UseCaseError> {
    let catalogue = op.catalogue().await?;
    let entity = catalogue.legal_entity(visit.fact.legal_entity_id)?;
    Ok(local_time::day_at(op.now, &local_time::zone(&entity.fact.time_zone)?))
}
