//! What staff charge beside plans, and take back while it is on no invoice.

use super::{lock_in_op, make_in_op, void_in_op};
use crate::{App, Caller, Operation, Outcome, Start, UseCaseError, access, booking, credit, member, trouble};
use coterie_domain::{
    ChargeId, LotId, MemberId, Refusal,
    charge::{self, Charge, ChargeEvent, ChargeKind, NewOneOff, SourceRef},
    local_time,
};

/// Charges a member for something at a location; it stands on the next invoice of her membership there.
///
/// # Errors
/// Faulty fields, an unknown member or location, no membership; operators only.
pub async fn one_off(app: &App, caller: &Caller, member: MemberId, new: &NewOneOff) -> Outcome<ChargeId> {
    trouble::carry_out(app, caller, || one_off_once(app, caller, member, new)).await
}

async fn one_off_once(app: &App, caller: &Caller, id: MemberId, new: &NewOneOff) -> Outcome<ChargeId> {
    access::operates(caller)?;
    let mut op = match Operation::begin(app, caller).await? {
        Start::Fresh(op) => op,
        Start::Replay(done) => return Ok(done),
    };
    let catalogue = op.catalogue().await?;
    let place = catalogue.location(new.location_id)?;
    let today = local_time::day_at(op.now, &local_time::zone(&place.time_zone)?);
    let (member, _) = member::load(&mut op, id).await.map_err(unknown_member)?;
    let membership = booking::membership_for(&mut op, id, place.location_id, new.first_day).await?;
    let charge_id = ChargeId(op.new_id());
    let made = charge::one_off(charge_id, &member, membership.as_ref(), new, today, &catalogue)?;
    make_in_op(&mut op, &made).await?;
    op.commit(charge_id).await
}

fn unknown_member(error: UseCaseError) -> UseCaseError {
    match error {
        UseCaseError::NotFound => Refusal::not_found("unknown_member", "There is no such member.")
            .on("member_id", "There is no such member.")
            .into(),
        error => error,
    }
}

/// Takes back what staff charged or a pack of which nothing is used, in the books too.
///
/// # Errors
/// `NotFound` for an unknown charge; one that is invoiced, taken back already or not of staff; operators only.
pub async fn void(app: &App, caller: &Caller, id: ChargeId, reason: &str) -> Outcome<ChargeId> {
    trouble::carry_out(app, caller, || void_once(app, caller, id, reason)).await
}

async fn void_once(app: &App, caller: &Caller, id: ChargeId, reason: &str) -> Outcome<ChargeId> {
    access::operates(caller)?;
    let mut op = match Operation::begin(app, caller).await? {
        Start::Fresh(op) => op,
        Start::Replay(done) => return Ok(done),
    };
    load(&mut op, id).await?;
    // The row first: whoever invoices holds it, and then it stands on an invoice.
    let (_, invoiced) = lock_in_op(&mut op, id).await?;
    let (known, version) = load(&mut op, id).await?;
    let voided = charge::void(&known, invoiced, reason)?;
    if known.fact.kind == ChargeKind::CreditPack {
        credit::take_back_in_op(&mut op, LotId(known.fact.source.stream_id), true).await?;
    }
    let source = SourceRef {
        category: "charge".to_owned(),
        stream_id: id.0,
        version: version + 1,
        event_type: "ChargeVoided".to_owned(),
    };
    void_in_op(&mut op, &known.fact, &voided.reason, source).await?;
    op.commit(id).await
}

/// # Errors
/// `NotFound` when the organization has no such charge.
pub async fn load(op: &mut Operation, id: ChargeId) -> Result<(Charge, i64), UseCaseError> {
    op.load::<ChargeEvent, Charge>(id.0, Charge::evolve)
        .await?
        .ok_or(UseCaseError::NotFound)
}
