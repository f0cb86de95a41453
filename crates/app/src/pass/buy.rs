use super::guard;
use crate::{
    App, Caller, Operation, Outcome, Start, UseCaseError, access, booking, charge, credit, credit::For, member, trouble,
};
use coterie_domain::{
    ChargeId, LocationId, LotId, MemberId, PassId,
    credit::{self as lots, MoneyUse, UsedBy},
    pass::{self, PassEvent},
};
use jiff::civil::Date;

/// A wish to enter a location on a day.
#[derive(Debug, Clone)]
pub struct BuyPass {
    pub member_id: MemberId,
    pub location_id: LocationId,
    pub day: Date,
}

/// Buys a pass: of any number who want the last one of a day, one gets it.
///
/// # Errors
/// A day that is sold out (with the next one that is not) or closed (with the next open one), one of which she has a pass,
/// no membership.
pub async fn buy(app: &App, caller: &Caller, command: BuyPass) -> Outcome<PassId> {
    trouble::carry_out(app, caller, || buy_once(app, caller, command.clone())).await
}

async fn buy_once(app: &App, caller: &Caller, command: BuyPass) -> Outcome<PassId> {
    access::acts_for(caller, command.member_id)?;
    let mut op = match Operation::begin(app, caller).await? {
        Start::Fresh(op) => op,
        Start::Replay(done) => return Ok(done),
    };
    let catalogue = op.catalogue().await?;
    let admission = pass::admission(command.location_id, command.day, op.now, &catalogue)?;
    // Looked up first and without a lock, so that those who come too late do not queue.
    guard::check_left(&mut op, &admission, command.member_id, &catalogue).await?;
    let (member, _) = member::load(&mut op, command.member_id).await?;
    let membership = booking::membership_for(&mut op, command.member_id, command.location_id, command.day).await?;
    guard::lock_day(&mut op, &admission).await?;
    let taken = guard::check_left(&mut op, &admission, command.member_id, &catalogue).await?;
    let ids = (PassId(op.new_id()), ChargeId(op.new_id()));
    let lots = credit::lock_lots(
        &mut op,
        (membership.as_ref(), command.member_id),
        For::Pass,
        admission.opens_at,
        &[],
    )
    .await?;
    let bought = pass::buy(ids, &member, membership.as_ref(), &admission, taken, &lots, &catalogue)?;
    guard::take(&mut op, &bought.fact)
        .await
        .map_err(guard::at_the_same_moment)?;
    let id = bought.fact.pass_id;
    credit::draw_in_op(
        &mut op,
        UsedBy::Pass(id),
        &paid(bought.fact.pass_lot, &bought.fact.money_uses),
        bought.fact.day,
    )
    .await?;
    op.write(id.0, 0, [PassEvent::from(bought.fact)])?;
    if let Some(made) = &bought.charge {
        charge::make_in_op(&mut op, made).await?;
    }
    op.commit(id).await
}

/// What each lot gives for a pass.
pub(super) fn paid(pass: Option<LotId>, money: &[MoneyUse]) -> Vec<(LotId, i64)> {
    pass.map(|lot| (lot, 1))
        .into_iter()
        .chain(lots::parts(&[], money))
        .collect()
}

/// What buying would cost, and whether it can be done now; nothing is written or held.
///
/// # Errors
/// As [`buy`].
pub async fn quote(app: &App, caller: &Caller, command: &BuyPass) -> Result<pass::Bought, UseCaseError> {
    access::acts_for(caller, command.member_id)?;
    let mut op = Operation::open(app, caller).await?;
    let catalogue = op.catalogue().await?;
    let admission = pass::admission(command.location_id, command.day, op.now, &catalogue)?;
    let taken = guard::check_left(&mut op, &admission, command.member_id, &catalogue).await?;
    let (member, _) = member::load(&mut op, command.member_id).await?;
    let membership = booking::membership_for(&mut op, command.member_id, command.location_id, command.day).await?;
    let ids = (PassId(op.new_id()), ChargeId(op.new_id()));
    let lots = credit::lock_lots(
        &mut op,
        (membership.as_ref(), command.member_id),
        For::Pass,
        admission.opens_at,
        &[],
    )
    .await?;
    Ok(pass::buy(
        ids,
        &member,
        membership.as_ref(),
        &admission,
        taken,
        &lots,
        &catalogue,
    )?)
}
