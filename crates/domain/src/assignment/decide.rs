use super::{Assignment, AssignmentEnded, AssignmentMade};
use crate::{
    AssignmentId, ResourceId,
    catalogue::Catalogue,
    local_time,
    membership::Membership,
    refusal::{Faults, Refusal},
};
use jiff::{Span, Timestamp, civil::Date};

/// How far ahead one begins or ends at the most.
const MAX_YEARS: i32 = 10;

/// Assigns a resource to a membership for whole days of its house.
///
/// # Errors
/// An unknown resource, a membership with another legal entity, or all faulty days at once.
pub fn make(
    id: AssignmentId,
    resource: ResourceId,
    membership: &Membership,
    (first_day, last_day): (Date, Option<Date>),
    now: Timestamp,
    catalogue: &Catalogue,
) -> Result<AssignmentMade, Refusal> {
    let resource = catalogue.resource(resource)?;
    let location = catalogue.location(resource.location_id)?;
    if location.legal_entity_id != membership.fact.legal_entity_id {
        let entity = catalogue.legal_entity(membership.fact.legal_entity_id)?;
        let sentence = format!(
            "The membership is with {}; {} belongs to another company of the chain.",
            entity.fact.name, location.name
        );
        return Err(Refusal::conflict("other_legal_entity", sentence));
    }
    let zone = local_time::zone(&location.time_zone)?;
    let today = local_time::day_at(now, &zone);
    let latest = today.saturating_add(Span::new().years(MAX_YEARS));
    let mut faults = Faults::default();
    faults.check(first_day >= today, "first_day", "Please begin today or later.");
    faults.check(
        first_day <= latest && last_day.is_none_or(|last| last <= latest),
        "first_day",
        format!("Please stay within {MAX_YEARS} years."),
    );
    faults.check(
        first_day < today || membership.active_on(first_day),
        "first_day",
        format!("The membership does not cover {first_day}."),
    );
    faults.check(
        last_day.is_none_or(|last| first_day <= last),
        "last_day",
        "It must not end before it begins.",
    );
    if let (Some(last), Some(leaves)) = (last_day, membership.ended.or(membership.notice)) {
        faults.check(last <= leaves, "last_day", format!("The membership ends on {leaves}."));
    }
    faults.finish()?;
    Ok(AssignmentMade {
        assignment_id: id,
        resource_id: resource.resource_id,
        location_id: resource.location_id,
        membership_id: membership.fact.membership_id,
        member_id: membership.fact.member_id,
        first_day,
        last_day,
        starts_at: local_time::day_start(first_day, &zone)?,
        ends_at: last_day.map(|last| after(last, &location.time_zone)).transpose()?,
        time_zone: location.time_zone.clone(),
    })
}

/// When the day after a last one begins.
fn after(last: Date, time_zone: &str) -> Result<Timestamp, Refusal> {
    let zone = local_time::zone(time_zone)?;
    local_time::day_start(last.tomorrow().unwrap_or(last), &zone)
}

/// Staff end it: with today, or any day until it ends anyway. What is over stays as it was.
///
/// # Errors
/// When it ends by then already, or the day has passed.
pub fn end(assignment: &Assignment, last_day: Date, now: Timestamp) -> Result<AssignmentEnded, Refusal> {
    let fact = &assignment.fact;
    let today = local_time::day_at(now, &local_time::zone(&fact.time_zone)?);
    if fact.last_day.is_some_and(|last| last < today || last < fact.first_day) {
        return Err(Refusal::conflict("already_ended", "This assignment has ended already."));
    }
    if last_day < today {
        return Err(Refusal::field(
            "invalid",
            "last_day",
            "That day has passed; please choose today or later.",
        ));
    }
    if let Some(last) = fact.last_day
        && last_day >= last
    {
        return Err(Refusal::field(
            "invalid",
            "last_day",
            format!("It ends on {last} already."),
        ));
    }
    ended(assignment, last_day)
}

/// It ends with its membership; `None` where it is over by then.
///
/// # Errors
/// When its zone is not known.
pub fn end_with_membership(assignment: &Assignment, last_day: Date) -> Result<Option<AssignmentEnded>, Refusal> {
    if assignment.fact.last_day.is_some_and(|last| last <= last_day) {
        return Ok(None);
    }
    ended(assignment, last_day).map(Some)
}

fn ended(assignment: &Assignment, last_day: Date) -> Result<AssignmentEnded, Refusal> {
    let fact = &assignment.fact;
    // One that never begins ends the day before it would.
    let last_day = last_day.max(fact.first_day.yesterday().unwrap_or(fact.first_day));
    Ok(AssignmentEnded {
        assignment_id: fact.assignment_id,
        last_day,
        ends_at: after(last_day, &fact.time_zone)?,
    })
}
