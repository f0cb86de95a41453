use super::load;
use crate::{App, Caller, Operation, Outcome, Start, access, trouble};
use coterie_domain::{
    MembershipId,
    membership::{self, MembershipEvent},
};
use jiff::civil::Date;

/// Ends a membership with the cycle that is paid for; the answer is its last day.
///
/// # Errors
/// Another member's membership, or one that already ends.
pub async fn give_notice(app: &App, caller: &Caller, id: MembershipId) -> Outcome<Date> {
    trouble::carry_out(app, caller, || give_notice_once(app, caller, id)).await
}

async fn give_notice_once(app: &App, caller: &Caller, id: MembershipId) -> Outcome<Date> {
    let mut op = match Operation::begin(app, caller).await? {
        Start::Fresh(op) => op,
        Start::Replay(done) => return Ok(done),
    };
    let (membership, version) = load(&mut op, id).await?;
    access::acts_for(caller, membership.fact.member_id)?;
    let notice = membership::give_notice(&membership)?;
    let last_day = notice.last_day;
    op.write(id.0, version, [MembershipEvent::from(notice)])?;
    op.commit(last_day).await
}
