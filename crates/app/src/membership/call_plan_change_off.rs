use super::{
    allowance,
    change::{Changed, Changing},
};
use crate::{App, Caller, Operation, Outcome, Start, UseCaseError, access, price_change, trouble};
use coterie_domain::{
    MembershipId,
    membership::{self, MembershipEvent},
};

/// Calls a change of plan off that has not come; the allowances of the cycle ahead are again those of the plan that stays. Staff call
/// one off that was announced, too, for this membership alone.
///
/// # Errors
/// When none lies ahead, or only one that the house announced; another member's membership.
pub async fn call_plan_change_off(app: &App, caller: &Caller, id: MembershipId) -> Outcome<Changed> {
    trouble::carry_out(app, caller, || call_off_once(app, caller, id)).await
}

async fn call_off_once(app: &App, caller: &Caller, id: MembershipId) -> Outcome<Changed> {
    let mut op = match Operation::begin(app, caller).await? {
        Start::Fresh(op) => op,
        Start::Replay(done) => return Ok(done),
    };
    let mut changing = Changing::load_in_op(&mut op, caller, id).await?;
    let before = changing.membership.clone();
    let (from, events) = match membership::call_plan_change_off(&before, changing.today) {
        Ok(fact) => (fact.from, vec![MembershipEvent::from(fact)]),
        Err(refusal) if refusal.code == "announced_change" && access::operates(caller).is_ok() => {
            announced_in_op(&mut op, &changing).await?
        }
        Err(refusal) => return Err(refusal.into()),
    };
    for event in events {
        changing.happens(&mut op, event)?;
    }
    allowance::follow_plan_in_op(&mut op, &before, &changing.membership, from, &changing.catalogue).await?;
    let changed = changing.settle_in_op(&mut op).await?;
    op.commit(changed).await
}

/// An announced change, and the announcement that this membership is not one of any more.
async fn announced_in_op(
    op: &mut Operation,
    changing: &Changing,
) -> Result<(jiff::civil::Date, Vec<MembershipEvent>), UseCaseError> {
    let (membership, today) = (&changing.membership, changing.today);
    let told = membership.announced.as_ref().ok_or(UseCaseError::NotFound)?;
    let events = membership::call_announced_off(membership, today).ok_or(UseCaseError::NotFound)?;
    price_change::release_one_in_op(op, told.price_change_id, membership.fact.membership_id).await?;
    Ok((told.from, events))
}
