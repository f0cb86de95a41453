//! A booking that comes again: what the form says, as a rule.

use coterie_app::booking::BookSeries;
use coterie_domain::{MemberId, ResourceId, series::Wish};
use jiff::civil::{Date, DateTime};

use crate::{
    components::{Checkbox, Choice, Field, Select},
    failure::{Failure, FieldError},
    form::Submitted,
};

/// What can be chosen, with the rule that it means.
const CHOICES: [(&str, &str, &str); 5] = [
    ("daily", "Every day", "FREQ=DAILY"),
    ("workdays", "Monday to Friday", "FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR"),
    ("weekly", "Every week", "FREQ=WEEKLY"),
    ("fortnightly", "Every two weeks", "FREQ=WEEKLY;INTERVAL=2"),
    ("monthly", "Every month, on this day of it", "FREQ=MONTHLY"),
];

/// The controls.
pub(crate) struct Repeat {
    pub(crate) how: Select,
    pub(crate) until: Field,
    /// Offered once some times cannot be booked.
    pub(crate) leave_out: Option<Checkbox>,
}

impl Repeat {
    pub(crate) fn of(asked: &Submitted, failure: Option<&Failure>) -> Self {
        let once = std::iter::once(Choice::new("", "Once"));
        let choices = once.chain(CHOICES.map(|(value, label, _)| Choice::new(value, label)));
        let until = Field::date("repeat_until", "Last day")
            .value(asked.get("repeat_until"))
            .hint("Of the bookings that come again.")
            .optional();
        let leaving_out = !asked.get("leave_out").is_empty();
        let offered = leaving_out || failure.is_some_and(|failure| failure.code == "times_not_free");
        Self {
            how: Select::new("repeat", "Repeat", choices).value(asked.get("repeat")),
            until: match failure {
                Some(failure) => until.refused(asked, failure),
                None => until,
            },
            leave_out: offered
                .then(|| Checkbox::new("leave_out", "Leave out the times that cannot be booked").checked(leaving_out)),
        }
    }
}

/// The series that is asked for; `None` where it is one booking.
pub(crate) fn series(
    asked: &Submitted,
    member_id: MemberId,
    resource_id: ResourceId,
    (starts_at, ends_at): (DateTime, DateTime),
) -> Result<Option<BookSeries>, Failure> {
    let wrong = |field: &str, message: &str| Failure::invalid(vec![FieldError::new(field, message)]);
    let rule = match asked.get("repeat") {
        "" => return Ok(None),
        how => {
            CHOICES
                .iter()
                .find(|(value, ..)| *value == how)
                .ok_or_else(|| wrong("repeat", "Please choose from the list."))?
                .2
        }
    };
    let until: Date = asked.get("repeat_until").parse().map_err(|_| {
        wrong(
            "repeat_until",
            "Say until which day it comes again, such as 2026-03-31.",
        )
    })?;
    Ok(Some(BookSeries {
        wish: Wish {
            member_id,
            resource_id,
            starts_at,
            ends_at,
            people: super::book_form::people(asked)?,
            rule: format!("{rule};UNTIL={}", until.strftime("%Y%m%d")),
        },
        leaving_out: !asked.get("leave_out").is_empty(),
        agreed: None,
    }))
}

/// A rule's refusal, at the control that said it.
pub(crate) fn at_its_control(mut failure: Failure) -> Failure {
    for field in &mut failure.fields {
        if field.field == "rule" {
            "repeat_until".clone_into(&mut field.field);
        }
    }
    failure
}
