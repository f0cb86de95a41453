use super::{digest, link, load};
use crate::{App, Caller, Operation, Outcome, Start, UseCaseError, booking, credit_note, invoice, member, trouble};
use coterie_domain::{
    BookingId, Money, Refusal, VisitorBookingId,
    booking::BookingCancelled,
    credit_note::{NewCreditNote, WantedLine, left_of},
    visitor_booking::{self, VisitorBooking, VisitorBookingEvent, VisitorCancelled, VisitorStanding},
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
    visitor_booking::check_paid(&visit)?;
    let given_up = booking::cancel_in_op(&mut op, visit.fact.booking_id).await?;
    take_back_in_op(&mut op, &visit, given_up.percent_due).await
}

async fn cancel_once(app: &App, caller: &Caller, token: &str, agreed: Money) -> Outcome<VisitorBookingId> {
    let mut op = match Operation::begin(app, caller).await? {
        Start::Fresh(op) => op,
        Start::Replay(done) => return Ok(done),
    };
    let id = link::named_by(&op, token)?;
    let (visit, version) = load(&mut op, id).await?;
    visitor_booking::check_paid(&visit)?;
    let given_up = booking::cancel_in_op(&mut op, visit.fact.booking_id).await?;
    let cancelled = take_back_in_op(&mut op, &visit, given_up.percent_due).await?;
    if cancelled.amount != agreed {
        let sentence = format!("By now {} would go back. Please look again.", cancelled.amount);
        return Err(Refusal::conflict("price_changed", sentence).into());
    }
    record_in_op(&mut op, &visit, version, cancelled).await?;
    op.commit(id).await
}

/// Staff gave a booking up: where a visitor has paid for it, what is not due goes back to her as if she had done it herself.
pub(crate) async fn cancelled_by_staff_in_op(
    op: &mut Operation,
    id: BookingId,
    given_up: &BookingCancelled,
) -> Result<(), UseCaseError> {
    let Some((visit, version)) = of_booking_in_op(op, id).await? else {
        return Ok(());
    };
    // A hold that nobody has paid for is let go, and money that comes for it goes back by itself.
    if !matches!(visit.standing, VisitorStanding::Paid(_)) {
        return Ok(());
    }
    let cancelled = take_back_in_op(op, &visit, given_up.percent_due).await?;
    record_in_op(op, &visit, version, cancelled).await
}

/// The visit that a booking was made by, if it was: one append opens the visit and holds its time, so both stand side by side.
async fn of_booking_in_op(op: &mut Operation, id: BookingId) -> Result<Option<(VisitorBooking, i64)>, UseCaseError> {
    let tenant = op.tenant();
    let opened: Vec<uuid::Uuid> = sqlx::query_scalar(
        "select opened.stream_id from event held
         join event opened on opened.tenant_id = held.tenant_id and opened.command_id = held.command_id
              and opened.position between held.position - 20 and held.position + 20
         where held.tenant_id = $1 and held.stream_id = $2 and held.version = 1
           and opened.category = 'visitor_booking' and opened.version = 1",
    )
    .bind(tenant)
    .bind(id.0)
    .fetch_all(op.conn())
    .await?;
    for visit in opened {
        let (visit, version) = load(op, VisitorBookingId(visit)).await?;
        if visit.fact.booking_id == id {
            return Ok(Some((visit, version)));
        }
    }
    Ok(None)
}

async fn record_in_op(
    op: &mut Operation,
    visit: &VisitorBooking,
    version: i64,
    cancelled: VisitorCancelled,
) -> Result<(), UseCaseError> {
    if cancelled.amount.minor > 0 {
        guard(op, visit).await?;
    }
    op.write(
        visit.fact.visitor_booking_id.0,
        version,
        [VisitorBookingEvent::from(cancelled)],
    )
}

/// Takes back of its invoice what is not due of a booking that was given up.
async fn take_back_in_op(
    op: &mut Operation,
    visit: &VisitorBooking,
    percent_due: u8,
) -> Result<VisitorCancelled, UseCaseError> {
    let fact = &visit.fact;
    let document = invoice::load(op, fact.invoice_id)
        .await?
        .ok_or(UseCaseError::NotFound)?;
    let credited = credit_note::credited_in_op(op, fact.invoice_id).await?;
    let line = document
        .lines
        .iter()
        .find(|line| line.charge_id == fact.charge.charge_id);
    let left = line.map_or(0, |line| left_of(line, &credited));
    let net = visitor_booking::net_back(fact.charge.net, percent_due, left);
    let back = if net == 0 {
        None
    } else {
        let note = NewCreditNote {
            reason: format!("Cancelled; {percent_due} % of the price is due"),
            lines: vec![WantedLine {
                charge_id: fact.charge.charge_id,
                net_minor: Some(net),
            }],
            bill_again: false,
        };
        let issued = credit_note::issue_in_op(op, fact.invoice_id, &note).await?;
        Some((issued.credit_note_id, Money::new(issued.owed_minor(), issued.currency)))
    };
    Ok(visitor_booking::cancel(visit, percent_due, back)?)
}

/// Her money is the house's business again until it went back.
async fn guard(op: &mut Operation, visit: &VisitorBooking) -> Result<(), UseCaseError> {
    let (visitor, _) = member::load(op, visit.fact.member_id).await?;
    let hmac = digest(op, &visitor.email);
    super::owe_in_op(op, visit, hmac).await
}
