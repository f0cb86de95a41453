//! The form of one booking: any length, with what it would cost as it stands.

use coterie_app::{
    Caller,
    booking::{self as app_booking, Book, BookSeries, page::BookingDay},
};
use coterie_domain::{
    Refusal, ResourceId,
    booking::{Price, hours, length_in_words},
    catalogue::Catalogue,
    resource::ResourceAdded,
};
use jiff::{
    Timestamp, ToSpan as _,
    civil::{Date, DateTime, Time},
    tz::TimeZone,
};

use super::{
    command, id, money, occupancy,
    repeat::{self, Repeat},
    when,
    who::Me,
};
use crate::{
    components::{Choice, Field, Hidden, Select},
    failure::{Failure, FieldError},
    form::Submitted,
    house::House,
    session::MemberSession,
    told,
};

/// What a booking takes when nothing else is said, in minutes.
const USUAL_MINUTES: i32 = 60;

/// What the address or the form asks for.
pub(super) struct Wanted {
    pub(super) resource: Option<ResourceId>,
    start: Option<DateTime>,
    end: Option<DateTime>,
}

impl Wanted {
    /// Reads `resource` with either `start` (an instant, from the grid) or `date`, `starts_at`, `ends_at` (wall times).
    pub(super) fn read(asked: &Submitted, me: &Me, zone: &TimeZone) -> Result<Self, Failure> {
        let resource = match asked.get("resource") {
            "" => None,
            text => Some(id::<ResourceId>(text)?),
        };
        let known = match resource {
            Some(resource) => Some(me.catalogue.resource(resource)?),
            None => None,
        };
        if let Ok(start) = asked.get("start").parse::<Timestamp>() {
            let start = zone.to_datetime(start);
            let end = known.map(|known| start.saturating_add(i64::from(usual(known)).minutes()));
            return Ok(Self {
                resource,
                start: Some(start),
                end,
            });
        }
        let (start, end) = span(asked).unzip();
        Ok(Self { resource, start, end })
    }

    /// The day of the time asked for, else the day asked for.
    pub(super) fn date(&self, asked: &Submitted) -> Option<Date> {
        self.start
            .map(DateTime::date)
            .or_else(|| asked.get("date").parse().ok())
    }
}

/// `date`, `starts_at` and `ends_at` as wall times; an end at midnight is the end of the day.
pub(crate) fn span(asked: &Submitted) -> Option<(DateTime, DateTime)> {
    let date: Date = asked.get("date").parse().ok()?;
    let time = |name: &str| Time::strptime("%H:%M", asked.get(name)).ok();
    let (from, to) = (time("starts_at")?, time("ends_at")?);
    let last = if to == Time::midnight() {
        date.tomorrow().ok()?
    } else {
        date
    };
    Some((date.to_datetime(from), last.to_datetime(to)))
}

/// `people`, where somebody says how many come.
pub(super) fn people(asked: &Submitted) -> Result<Option<i32>, Failure> {
    match asked.get("people").trim() {
        "" => Ok(None),
        text => text
            .parse()
            .map(Some)
            .map_err(|_| Failure::invalid(vec![FieldError::new("people", "Enter a number of people.")])),
    }
}

/// The field for it: a room for one asks nobody.
pub(super) fn people_field(resource: &ResourceAdded) -> Option<Field> {
    (resource.capacity > 1).then(|| {
        Field::number("people", "People")
            .attribute("min", "1")
            .attribute("max", resource.capacity.to_string())
            .optional()
            .hint("How many come.")
    })
}

/// An hour, where the resource allows it.
fn usual(resource: &ResourceAdded) -> i32 {
    let step = resource.step_minutes.max(1);
    let wanted = USUAL_MINUTES.clamp(resource.min_minutes, resource.max_minutes.max(resource.min_minutes));
    wanted.div_euclid(step).max(1) * step
}

/// The form as the page prints it.
pub(super) struct BookForm {
    pub(super) resource: Select,
    pub(super) date: Field,
    pub(super) times: [Field; 2],
    pub(super) people: Option<Field>,
    pub(super) repeat: Repeat,
    pub(super) hidden: [Hidden; 2],
    pub(super) zone: String,
    /// The button that asks staff, where the resource is booked by asking.
    pub(super) ask: bool,
    /// The button that waits for a time that is taken.
    pub(super) wait: bool,
    /// The button that only keeps the time.
    pub(super) hold: Option<String>,
    /// What it costs, step by step; or why it cannot be booked as it stands.
    pub(super) price: Result<Vec<String>, String>,
}

/// The form, once a resource was chosen.
pub(super) fn build(
    wanted: &Wanted,
    day: &BookingDay,
    catalogue: &Catalogue,
    price: Result<Vec<String>, Failure>,
    asked: &Submitted,
    failure: Option<&Failure>,
) -> Option<BookForm> {
    let resource = wanted.resource?;
    let terms = catalogue.terms_of(resource);
    let clock = |wall: Option<DateTime>| wall.map_or_else(String::new, |wall| wall.strftime("%H:%M").to_string());
    let field = |field: Field| match failure {
        Some(failure) => field.refused(asked, failure),
        None => field,
    };
    let choices = day.rows.iter().map(|row| {
        let people = occupancy::people(row.resource.capacity);
        let label = format!("{} ({}, {people})", row.resource.name, row.type_name);
        Choice::new(row.resource.resource_id.to_string(), label)
    });
    Some(BookForm {
        resource: Select::new("resource", "What", choices).value(resource.to_string()),
        date: field(Field::date("date", "Day").value(day.date.to_string())),
        times: [
            field(Field::time("starts_at", "From").value(clock(wanted.start))),
            field(
                Field::time("ends_at", "To")
                    .value(clock(wanted.end))
                    .hint("Any length; 00:00 is the end of the day."),
            ),
        ],
        people: catalogue
            .resource(resource)
            .ok()
            .and_then(people_field)
            .map(|people| field(people.value(asked.get("people")))),
        repeat: Repeat::of(asked, failure),
        hidden: [
            Hidden::new("location", day.location.location_id.to_string()),
            command::token(),
        ],
        zone: when::zone_name(&day.zone),
        ask: terms.approval,
        wait: !terms.approval
            && price
                .as_ref()
                .err()
                .or(failure)
                .is_some_and(|failure| failure.code == "slot_taken"),
        hold: (!terms.approval && terms.hold_minutes > 0)
            .then(|| format!("Hold it for {}", length_in_words(terms.hold_minutes))),
        price: price.map_err(|failure| failure.detail),
    })
}

/// What it would cost, by the very decision that will price it; or why it cannot be booked as it stands.
pub(super) async fn price(
    house: &House,
    session: &MemberSession,
    wanted: &Wanted,
    asked: &Submitted,
) -> Result<Vec<String>, Failure> {
    let (Some(resource_id), Some(start), Some(end)) = (wanted.resource, wanted.start, wanted.end) else {
        return Err(Refusal::invalid("times_missing", "Fill in both times to see what it costs.").into());
    };
    match repeat::series(asked, session.member_id.into(), resource_id, (start, end)) {
        Ok(None) => {}
        Ok(Some(series)) => return of_series(house, session, series).await,
        Err(failure) => return Err(failure),
    }
    let wish = Book {
        member_id: session.member_id.into(),
        resource_id,
        start,
        end,
        people: people(asked)?,
    };
    let price = app_booking::quote(&house.app, &Caller::from(session), &wish).await;
    let price = price?;
    Ok(steps(price))
}

/// How a price comes about, and what there is to pay.
pub(super) fn steps(price: Price) -> Vec<String> {
    let charged = told::either(price.charged, price.charged_with_tax());
    let mut steps: Vec<String> = price.because.into_iter().map(|step| step.text).collect();
    steps.push(if price.charged.minor == 0 {
        "Nothing to pay".to_owned()
    } else {
        format!("{charged}, on the next invoice")
    });
    steps
}

/// The sum of a series, by the decision that books it, and what would have to be left out.
async fn of_series(house: &House, session: &MemberSession, series: BookSeries) -> Result<Vec<String>, Failure> {
    let sum = app_booking::quote_series(&house.app, &Caller::from(session), &series).await;
    let sum = sum?;
    let days: Vec<String> = sum
        .bookings
        .iter()
        .map(|time| time.starts_at.strftime("%-d %b").to_string())
        .collect();
    let mut steps = vec![format!("{} bookings: {}", days.len(), days.join(", "))];
    for time in &sum.left_out {
        steps.push(format!(
            "Left out: {}: {}",
            super::series::wall(time.starts_at),
            time.reason
        ));
    }
    if sum.allowance_minutes > 0 {
        steps.push(format!("{} from your allowance", hours(sum.allowance_minutes)));
    }
    steps.push(if sum.charged.minor == 0 {
        "Nothing to pay".to_owned()
    } else {
        format!(
            "{} plus VAT in all, each booking on the invoice after it",
            money(sum.charged).text()
        )
    });
    Ok(steps)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Option<(String, String)> {
        let (start, end) = span(&Submitted::from_encoded(text).unwrap())?;
        Some((start.to_string(), end.to_string()))
    }

    #[test]
    fn midnight_ends_the_day_and_nonsense_is_no_time() {
        let wanted = |start: &str, end: &str| Some((start.to_owned(), end.to_owned()));
        assert_eq!(
            read("date=2026-01-22&starts_at=10%3A00&ends_at=12%3A30"),
            wanted("2026-01-22T10:00:00", "2026-01-22T12:30:00")
        );
        assert_eq!(
            read("date=2026-01-31&starts_at=22%3A00&ends_at=00%3A00"),
            wanted("2026-01-31T22:00:00", "2026-02-01T00:00:00")
        );
        for wrong in [
            "",
            "date=2026-02-30&starts_at=10:00&ends_at=11:00",
            "date=2026-01-22&starts_at=ten&ends_at=11:00",
        ] {
            assert_eq!(read(wrong), None, "{wrong}");
        }
    }
}
