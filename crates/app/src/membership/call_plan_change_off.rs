use super::{
    allowance,
    change::{Changed, Changing},
};
use crate::{App, Caller, Operation, Outcome, Start, trouble};
use coterie_domain::{MembershipId, membership};

/// Calls a change of plan off that has not come; the allowances of the cycle ahead are again those of the plan that stays.
///
/// # Errors
/// When none lies ahead; another member's membership.
pub async fn call_plan_change_off(app: &App, caller: &Caller, id: MembershipId) -> Outcome<Changed> {
    trouble::carry_out(app, caller, || call_off_once(app, caller, id)).await
}

async fn call_off_once(app: &App, caller: &Caller, id: MembershipId) -> Outcome<Changed> {
    let mut op = match Operation::begin(app, caller).await? {
        Start::Fresh(op) => op,
        Start::Replay(done) => return Ok(done),
    };
    let mut changing = Changing::load_in_op(&mut op, caller, id).await?;
    let fact = membership::call_plan_change_off(&changing.membership, changing.today)?;
    let before = changing.membership.clone();
    let from = fact.from;
    changing.happens(&mut op, fact)?;
    allowance::follow_plan_in_op(&mut op, &before, &changing.membership, from, &changing.catalogue).await?;
    let changed = changing.settle_in_op(&mut op).await?;
    op.commit(changed).await
}
