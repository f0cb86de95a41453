use super::{Membership, MembershipPaused, MembershipResumed, terms::within};
use crate::refusal::Refusal;
use jiff::civil::Date;

/// Lets a membership rest from a day on: nothing can be booked and nothing is owed for it.
///
/// # Errors
/// A pause that ends before it begins, lies outside of the membership, or meets another.
pub fn pause(membership: &Membership, from: Date, until: Option<Date>) -> Result<MembershipPaused, Refusal> {
    if until.is_some_and(|until| until <= from) {
        return Err(Refusal::field(
            "pause_without_days",
            "until",
            "The membership goes on after the pause has begun; please choose a later day.",
        ));
    }
    if !membership.agreed_on(from) {
        return Err(Refusal::field(
            "not_agreed_then",
            "from",
            "The membership does not run on that day.",
        ));
    }
    let meets = membership
        .pauses
        .iter()
        .any(|(other_from, other_until)| within(from, *other_from, *other_until) || within(*other_from, from, until));
    if meets {
        return Err(Refusal::conflict(
            "paused_already",
            "It rests already in these days; please resume it first.",
        ));
    }
    Ok(MembershipPaused {
        membership_id: membership.fact.membership_id,
        from,
        until,
    })
}

/// Lets a membership go on, earlier than was said; a pause that has not begun is called off.
///
/// # Errors
/// When it rests neither then nor later.
pub fn resume(membership: &Membership, on: Date) -> Result<MembershipResumed, Refusal> {
    let resting = membership
        .pauses
        .iter()
        .any(|(_, until)| until.is_none_or(|until| on < until));
    if !resting {
        return Err(Refusal::conflict("not_paused", "This membership is not paused."));
    }
    if membership.ended.is_some() {
        return Err(Refusal::conflict("membership_over", "This membership has ended."));
    }
    Ok(MembershipResumed {
        membership_id: membership.fact.membership_id,
        on,
    })
}
