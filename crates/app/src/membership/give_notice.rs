use super::{
    change::{Changed, Changing},
    end_cycle::end_in_op,
};
use crate::{App, Caller, Operation, Outcome, Start, UseCaseError, access, alarm, trouble};
use coterie_domain::{MembershipId, local_time, membership};
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

/// What notice led to.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Notice {
    pub last_day: Date,
    pub changed: Changed,
}

/// Ends a membership: with the cycle that is paid for or, where the plan asks for notice or a term, a later one. Staff may name
/// any day instead, also one that is over: what was paid beyond it is given back.
///
/// # Errors
/// Another member's membership, or one that already ends; a day before its first.
pub async fn give_notice(app: &App, caller: &Caller, id: MembershipId, last_day: Option<Date>) -> Outcome<Notice> {
    if last_day.is_some() {
        access::operates(caller)?;
    }
    trouble::carry_out(app, caller, || give_notice_once(app, caller, id, last_day)).await
}

async fn give_notice_once(app: &App, caller: &Caller, id: MembershipId, last_day: Option<Date>) -> Outcome<Notice> {
    let mut op = match Operation::begin(app, caller).await? {
        Start::Fresh(op) => op,
        Start::Replay(done) => return Ok(done),
    };
    let mut changing = Changing::load_in_op(&mut op, caller, id).await?;
    let fact = if let Some(day) = last_day {
        membership::end_on(&changing.membership, day)?
    } else {
        let version = changing.membership.term_on(changing.today).plan_version_id;
        let plan = changing.catalogue.plan_version(version)?;
        membership::give_notice(&changing.membership, plan, changing.today)?
    };
    let last_day = fact.last_day;
    changing.happens(&mut op, fact)?;
    if last_day < changing.today {
        end_in_op(&mut op, &mut changing).await?;
    } else if let Some(ends) = early_end(&changing, last_day)? {
        op.set_alarm(alarm::Kind::CycleEnd, id.0, ends).await?;
    }
    let changed = changing.settle_in_op(&mut op).await?;
    op.commit(Notice { last_day, changed }).await
}

/// When a membership ends that does so before its cycle.
pub(super) fn early_end(changing: &Changing, last_day: Date) -> Result<Option<jiff::Timestamp>, UseCaseError> {
    let Some(cycle) = changing.membership.cycle.filter(|cycle| last_day < cycle.last()) else {
        return Ok(None);
    };
    let zone = changing.catalogue.zone_of(changing.membership.fact.home_location_id)?;
    Ok(Some(local_time::day_start(
        last_day.tomorrow().unwrap_or(cycle.end),
        &zone,
    )?))
}
