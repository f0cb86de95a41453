use super::{counting_guesses, find_in_op, use_in_op};
use crate::{
    App, Caller, Operation, Outcome, Start,
    membership::{Changed, Changing},
    trouble,
};
use coterie_domain::{MembershipId, coupon};

/// Redeems a code for a membership that runs: it counts from the next cycle that opens. The member herself or staff.
///
/// # Errors
/// A code that nobody made, or that cannot be redeemed for it; another member's membership.
pub async fn redeem(app: &App, caller: &Caller, id: MembershipId, code: &str) -> Outcome<Changed> {
    let outcome = trouble::carry_out(app, caller, || redeem_once(app, caller, id, code)).await;
    counting_guesses(app, caller, outcome).await
}

async fn redeem_once(app: &App, caller: &Caller, id: MembershipId, code: &str) -> Outcome<Changed> {
    let mut op = match Operation::begin(app, caller).await? {
        Start::Fresh(op) => op,
        Start::Replay(done) => return Ok(done),
    };
    let mut changing = Changing::load_in_op(&mut op, caller, id).await?;
    let member = changing.membership.fact.member_id;
    let (found, used) = find_in_op(&mut op, code, member, true).await?;
    let redeemed = coupon::redeem(&found, used, &changing.membership, changing.today)?;
    use_in_op(&mut op, &redeemed).await?;
    changing.happens(&mut op, redeemed)?;
    // It counts for no cycle that is open, so nothing is charged or given back now.
    let changed = changing.settle_in_op(&mut op).await?;
    op.commit(changed).await
}
