//! Seats: who uses a membership beside its holder. Its plan's version says how many people may.

use super::{Membership, SeatGiven, SeatTaken, within};
use crate::{MemberId, Payer, catalogue::Catalogue, refusal::Refusal};
use jiff::civil::Date;

/// Somebody's seat, `[from, until)`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Seat {
    pub member_id: MemberId,
    pub from: Date,
    pub until: Option<Date>,
}

impl Seat {
    fn on(&self, day: Date) -> bool {
        within(day, self.from, self.until)
    }
}

impl Membership {
    /// Whether somebody may use it on a day, as far as it is hers to use: its holder, or whoever has a seat.
    pub fn used_by(&self, member: MemberId, day: Date) -> bool {
        self.fact.member_id == member || self.seats.iter().any(|seat| seat.member_id == member && seat.on(day))
    }

    /// How many people may use it on a day, its holder among them.
    pub fn people_on(&self, day: Date) -> i64 {
        1 + i64::try_from(self.seats.iter().filter(|seat| seat.on(day)).count()).unwrap_or(i64::MAX - 1)
    }

    pub(super) fn give_up_seat(&mut self, member: MemberId, from: Date) {
        self.seats.retain(|seat| seat.member_id != member || seat.from < from);
        for seat in self.seats.iter_mut().filter(|seat| seat.member_id == member) {
            if seat.until.is_none_or(|until| until > from) {
                seat.until = Some(from);
            }
        }
    }

    /// Never more people than the plan of any day from one on lets in.
    pub(super) fn check_people(&self, from: Date, catalogue: &Catalogue) -> Result<(), Refusal> {
        let terms = self.terms.iter().map(|term| term.from);
        let seats = self.seats.iter().map(|seat| seat.from);
        let mut days: Vec<Date> = terms.chain(seats).filter(|day| *day > from).collect();
        days.push(from);
        days.sort_unstable();
        for day in days {
            let plan = catalogue.plan_version(self.term_on(day).plan_version_id)?;
            let (used, most) = (self.people_on(day), plan.people());
            if used > most {
                let sentence = format!(
                    "{} is for {}, its holder among them: on {day} {used} would use it. Take a seat away first.",
                    plan.name,
                    if most == 1 {
                        "one person".to_owned()
                    } else {
                        format!("{most} people")
                    }
                );
                return Err(Refusal::conflict("no_seat_left", sentence).with("seats", most));
            }
        }
        Ok(())
    }
}

fn check_day(from: Date, today: Date) -> Result<(), Refusal> {
    if from < today {
        let sentence = "Please choose today or a later day: what was used until then stays as it was.";
        return Err(Refusal::field("day_is_over", "from", sentence));
    }
    Ok(())
}

/// Gives somebody a seat from a day on. `colleague` is whether she belongs, on that day, to the company that pays then.
///
/// # Errors
/// A day that is over or outside of the membership; nobody of the company, or somebody who uses it already; no seat left.
pub fn give_seat(
    membership: &Membership,
    member: MemberId,
    colleague: bool,
    from: Date,
    today: Date,
    catalogue: &Catalogue,
) -> Result<SeatGiven, Refusal> {
    check_day(from, today)?;
    if !membership.agreed_on(from) {
        return Err(Refusal::field(
            "not_agreed_then",
            "from",
            "The membership does not run on that day.",
        ));
    }
    if !matches!(membership.term_on(from).payer, Payer::Company(_)) {
        let sentence = "Seats are for the people of the company that pays, and no company pays for this membership.";
        return Err(Refusal::conflict("no_company", sentence));
    }
    if !colleague {
        let sentence = "A seat is for somebody who belongs to the company that pays on that day.";
        return Err(Refusal::field("not_of_the_company", "member_id", sentence));
    }
    let hers = membership.seats.iter().filter(|seat| seat.member_id == member);
    if membership.fact.member_id == member || hers.clone().any(|seat| seat.until.is_none_or(|until| until > from)) {
        return Err(Refusal::field(
            "has_seat",
            "member_id",
            "She uses this membership already.",
        ));
    }
    let given = SeatGiven {
        membership_id: membership.fact.membership_id,
        member_id: member,
        from,
    };
    membership.after(given.clone()).check_people(from, catalogue)?;
    Ok(given)
}

/// Takes a seat away from a day on.
///
/// # Errors
/// A day that is over; nobody who has a seat from then on.
pub fn take_seat(membership: &Membership, member: MemberId, from: Date, today: Date) -> Result<SeatTaken, Refusal> {
    check_day(from, today)?;
    let mut hers = membership.seats.iter().filter(|seat| seat.member_id == member);
    if !hers.any(|seat| seat.until.is_none_or(|until| until > from)) {
        return Err(Refusal::field(
            "no_seat",
            "member_id",
            "She has no seat of this membership then.",
        ));
    }
    Ok(SeatTaken {
        membership_id: membership.fact.membership_id,
        member_id: member,
        from,
    })
}
