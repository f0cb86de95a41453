use super::{Membership, NoticeGiven, NoticeWithdrawn, cycle_after};
use crate::{plan::PlanVersionPublished, refusal::Refusal};
use jiff::{ToSpan, civil::Date};

/// The last day that notice given on a day leads to: the end of a cycle, no earlier than the notice period and the term say. Who
/// was told of other terms need not enter into them: she can leave with the day before.
pub fn last_day_after_notice(membership: &Membership, plan: &PlanVersionPublished, today: Date) -> Option<Date> {
    let notice = today.saturating_add(plan.notice_days.days());
    let bound = membership.fact.bound_until.and_then(|until| until.yesterday().ok());
    let earliest = bound.map_or(notice, |bound| bound.max(notice));
    let mut cycle = membership.cycle?;
    while cycle.last() < earliest {
        cycle = cycle_after(membership, cycle).cycle;
    }
    let before = membership
        .announced_ahead(today)
        .and_then(|term| term.from.yesterday().ok());
    Some(before.map_or(cycle.last(), |before| before.min(cycle.last())))
}

fn check_stays(membership: &Membership) -> Result<(), Refusal> {
    if membership.ended.is_some() || membership.notice.is_some() {
        return Err(Refusal::conflict(
            "notice_already_given",
            "This membership already ends.",
        ));
    }
    Ok(())
}

/// Gives notice to the end of a cycle: of the one that is paid for, or a later one where the plan asks for it.
///
/// # Errors
/// When notice was given already or the membership is over.
pub fn give_notice(membership: &Membership, plan: &PlanVersionPublished, today: Date) -> Result<NoticeGiven, Refusal> {
    check_stays(membership)?;
    let last_day = last_day_after_notice(membership, plan, today)
        .ok_or_else(|| Refusal::conflict("not_started", "This membership has not begun."))?;
    Ok(NoticeGiven {
        membership_id: membership.fact.membership_id,
        last_day,
    })
}

/// Lets it end on a day that staff agreed to, which may be over: what was paid beyond it is given back.
///
/// # Errors
/// When notice was given already, or the day lies before the first.
pub fn end_on(membership: &Membership, last_day: Date) -> Result<NoticeGiven, Refusal> {
    check_stays(membership)?;
    if last_day < membership.fact.start {
        return Err(Refusal::field(
            "before_its_start",
            "last_day",
            format!(
                "The membership began on {}; please choose that day or a later one.",
                membership.fact.start
            ),
        ));
    }
    Ok(NoticeGiven {
        membership_id: membership.fact.membership_id,
        last_day,
    })
}

/// She stays after all.
///
/// # Errors
/// When no notice was given, or the membership is over.
pub fn withdraw_notice(membership: &Membership) -> Result<NoticeWithdrawn, Refusal> {
    if membership.ended.is_some() {
        return Err(Refusal::conflict(
            "membership_over",
            "This membership has ended; please start a new one.",
        ));
    }
    if membership.notice.is_none() {
        return Err(Refusal::conflict("no_notice", "No notice was given."));
    }
    Ok(NoticeWithdrawn {
        membership_id: membership.fact.membership_id,
    })
}
