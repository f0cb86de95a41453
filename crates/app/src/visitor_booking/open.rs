use super::{VisitTime, digest, quote};
use crate::{App, Caller, Operation, Outcome, Start, UseCaseError, access, booking, trouble};
use coterie_domain::{
    Refusal, VisitorBookingId,
    member::MemberEvent,
    visitor_booking::{self, VisitorBookingEvent, VisitorBookingOpened},
};

/// Visits of one address that are not over. Whoever types an address need not be whose it is, so there are few.
const MOST_OF_ONE_ADDRESS: i64 = 3;
/// Visits of one organization that are not over: the most time that can be held without paying.
const MOST_OF_ONE_ORGANIZATION: i64 = 50;

/// A visitor's wish, and who she is.
#[derive(Debug, Clone)]
pub struct OpenVisit {
    pub time: VisitTime,
    pub name: String,
    pub email: String,
}

/// Registers a visitor and holds a time for her until she could have paid. Nothing is charged, and the gateway is asked for
/// its page after this.
///
/// # Errors
/// As for [`super::quote`]; faulty fields; too many visits that are not paid yet.
pub async fn open(app: &App, caller: &Caller, command: OpenVisit) -> Outcome<VisitorBookingId> {
    trouble::carry_out(app, caller, || open_once(app, caller, command.clone())).await
}

async fn open_once(app: &App, caller: &Caller, command: OpenVisit) -> Outcome<VisitorBookingId> {
    access::operates(caller)?;
    let mut op = match Operation::begin(app, caller).await? {
        Start::Fresh(op) => op,
        Start::Replay(done) => return Ok(done),
    };
    check_not_too_many(&mut op, &command.email).await?;
    let ids = quote::new_ids(&op);
    let (slot, visit) = quote::decide(&mut op, ids, command.time).await?;
    let opening = visitor_booking::open(ids, (&command.name, &command.email), visit, &slot, op.now)?;
    op.write(ids.visitor.0, 0, [MemberEvent::from(opening.registered.clone())])?;
    booking::record_hold(&mut op, &slot, opening.held).await?;
    guard(&mut op, &opening.opened, &opening.registered.email).await?;
    let id = opening.opened.visitor_booking_id;
    op.write(id.0, 0, [VisitorBookingEvent::from(opening.opened)])?;
    op.commit(id).await
}

/// Those who open visits at one organization follow one another, so that the count is right.
async fn check_not_too_many(op: &mut Operation, email: &str) -> Result<(), UseCaseError> {
    let tenant = op.tenant();
    sqlx::query("select pg_advisory_xact_lock(hashtextextended('visitor_booking:' || $1::text, 0))")
        .bind(tenant)
        .execute(op.conn())
        .await?;
    let hmac = digest(op, email);
    let (same, all): (i64, i64) = sqlx::query_as(
        "select count(*) filter (where email_hmac = $2), count(*) from visitor_booking where tenant_id = $1",
    )
    .bind(tenant)
    .bind(hmac)
    .fetch_one(op.conn())
    .await?;
    if same >= MOST_OF_ONE_ADDRESS {
        let sentence = format!(
            "{MOST_OF_ONE_ADDRESS} times are held for this address already. Pay for one of them first, or wait until they are free again."
        );
        return Err(Refusal::conflict("visits_too_many", sentence.clone())
            .on("email", sentence)
            .into());
    }
    if all >= MOST_OF_ONE_ORGANIZATION {
        let sentence = "Too many visitors are paying at this moment. Please try again in half an hour.";
        return Err(Refusal::conflict("visits_too_many", sentence).into());
    }
    Ok(())
}

async fn guard(op: &mut Operation, opened: &VisitorBookingOpened, email: &str) -> Result<(), UseCaseError> {
    let (tenant, hmac) = (op.tenant(), digest(op, email));
    sqlx::query(
        "insert into visitor_booking (tenant_id, visitor_booking_id, booking_id, member_id, account_id, email_hmac)
         values ($1, $2, $3, $4, $5, $6)",
    )
    .bind(tenant)
    .bind(opened.visitor_booking_id.0)
    .bind(opened.booking_id.0)
    .bind(opened.member_id.0)
    .bind(&opened.account_id)
    .bind(hmac)
    .execute(op.conn())
    .await?;
    Ok(())
}
