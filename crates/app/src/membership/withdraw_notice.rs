use super::{
    change::{Changed, Changing},
    give_notice::early_end,
};
use crate::{App, Caller, Operation, Outcome, Start, alarm, trouble};
use coterie_domain::{MembershipId, membership};

/// She stays after all: days that were given back are charged again.
///
/// # Errors
/// When no notice was given or the membership is over; another member's membership.
pub async fn withdraw_notice(app: &App, caller: &Caller, id: MembershipId) -> Outcome<Changed> {
    trouble::carry_out(app, caller, || withdraw_once(app, caller, id)).await
}

async fn withdraw_once(app: &App, caller: &Caller, id: MembershipId) -> Outcome<Changed> {
    let mut op = match Operation::begin(app, caller).await? {
        Start::Fresh(op) => op,
        Start::Replay(done) => return Ok(done),
    };
    let mut changing = Changing::load_in_op(&mut op, caller, id).await?;
    let fact = membership::withdraw_notice(&changing.membership)?;
    let would_have_ended = changing.membership.notice;
    changing.happens(&mut op, fact)?;
    if let Some(last_day) = would_have_ended
        && let Some(ends) = early_end(&changing, last_day)?
    {
        op.clear_alarm(alarm::Kind::CycleEnd, id.0, ends).await?;
    }
    let changed = changing.settle_in_op(&mut op).await?;
    op.commit(changed).await
}
