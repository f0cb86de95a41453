use super::{digest, link, load};
use crate::{App, Caller, Operation, Outcome, Start, UseCaseError, booking, credit_note, invoice, member, trouble};
use coterie_domain::{
    Money, Refusal, VisitorBookingId,
    credit_note::{NewCreditNote, WantedLine, left_of},
    visitor_booking::{self, VisitorBooking, VisitorBookingEvent, VisitorCancelled},
};

/// Gives up a paid visit by its secret link, under the terms by which it was booked: its time is free again, a credit note takes
/// back what is not due, and a job gives that back through the gateway. `agreed` is what she was told goes back.
///
/// # Errors
/// `NotFound` where the link is not genuine; a visit that is not paid, has begun or is given up already; another amount than she
/// was told.
pub async fn cancel(app: &App, caller: &Caller, token: &str, agreed: Money) -> Outcome<VisitorBookingId> {
    trouble::carry_out(app, caller, || cancel_once(app, caller, token, agreed)).await
}

/// What would go back with tax, by the same decision as giving it up; writes nothing.
///
/// # Errors
/// As [`cancel`].
pub async fn quote_cancel(app: &App, caller: &Caller, token: &str) -> Result<VisitorCancelled, UseCaseError> {
    let mut op = Operation::open(app, caller).await?;
    let id = link::named_by(&op, token)?;
    let (visit, _) = load(&mut op, id).await?;
    decide(&mut op, &visit).await
}

async fn cancel_once(app: &App, caller: &Caller, token: &str, agreed: Money) -> Outcome<VisitorBookingId> {
    let mut op = match Operation::begin(app, caller).await? {
        Start::Fresh(op) => op,
        Start::Replay(done) => return Ok(done),
    };
    let id = link::named_by(&op, token)?;
    let (visit, version) = load(&mut op, id).await?;
    let cancelled = decide(&mut op, &visit).await?;
    if cancelled.amount != agreed {
        let sentence = format!("By now {} would go back. Please look again.", cancelled.amount);
        return Err(Refusal::conflict("price_changed", sentence).into());
    }
    if cancelled.amount.minor > 0 {
        guard(&mut op, &visit).await?;
    }
    op.write(id.0, version, [VisitorBookingEvent::from(cancelled)])?;
    op.commit(id).await
}

/// Gives the booking up and takes back what is not due of its invoice.
async fn decide(op: &mut Operation, visit: &VisitorBooking) -> Result<VisitorCancelled, UseCaseError> {
    visitor_booking::check_paid(visit)?;
    let fact = &visit.fact;
    let given_up = booking::cancel_in_op(op, fact.booking_id).await?;
    let document = invoice::load(op, fact.invoice_id)
        .await?
        .ok_or(UseCaseError::NotFound)?;
    let credited = credit_note::credited_in_op(op, fact.invoice_id).await?;
    let line = document
        .lines
        .iter()
        .find(|line| line.charge_id == fact.charge.charge_id);
    let left = line.map_or(0, |line| left_of(line, &credited));
    let net = visitor_booking::net_back(fact.charge.net, given_up.percent_due, left);
    let back = if net == 0 {
        None
    } else {
        let note = NewCreditNote {
            reason: format!("Cancelled; {} % of the price is due", given_up.percent_due),
            lines: vec![WantedLine {
                charge_id: fact.charge.charge_id,
                net_minor: Some(net),
            }],
            bill_again: false,
        };
        let issued = credit_note::issue_in_op(op, fact.invoice_id, &note).await?;
        Some((issued.credit_note_id, Money::new(issued.owed_minor(), issued.currency)))
    };
    Ok(visitor_booking::cancel(visit, given_up.percent_due, back)?)
}

/// Her money is the house's business again until it went back.
async fn guard(op: &mut Operation, visit: &VisitorBooking) -> Result<(), UseCaseError> {
    let (visitor, _) = member::load(op, visit.fact.member_id).await?;
    let hmac = digest(op, &visitor.email);
    super::owe_in_op(op, visit, hmac).await
}
