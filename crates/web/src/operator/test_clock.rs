//! A sandbox's clock: what time it is there, and moving it on.

use axum::response::{IntoResponse as _, Response};
use coterie_app::test_clock::{self, TestClock};
use coterie_domain::local_time;
use http::{HeaderName, HeaderValue};
use jiff::{Timestamp, ToSpan, civil::DateTime, tz::TimeZone};

use super::{
    choices,
    desk::{Desk, shown_again},
    form::{Form, beside},
    sheet::{Html, Sheet},
    times,
    typed::{Typed, required},
};
use crate::{
    components::{Badge, DefinitionList, Field, Hidden, Tone},
    failure::Failure,
    form::Submitted,
};

pub(super) const HERE: &str = "/operator/test-clock";
/// Seconds after which the page asks again while the clock is on its way.
const ASK_AGAIN: HeaderValue = HeaderValue::from_static("2");

/// What time it is, and whether everything due has happened.
pub(super) async fn show(desk: Desk) -> Result<Response, Failure> {
    let clock = test_clock::read(&desk.house.app, &desk.caller()).await?;
    let zone = zone(&desk).await?;
    let response = sheet(&desk, &clock, &zone, &form(&clock, &zone)).show();
    Ok(asking_again(response, &clock))
}

/// The zone of the first location: the one that its operator most likely thinks in.
async fn zone(desk: &Desk) -> Result<TimeZone, Failure> {
    let catalogue = desk.catalogue().await?;
    let first = choices::locations(&catalogue).into_iter().next();
    Ok(match first {
        Some(place) => local_time::zone(&place.time_zone)?,
        None => TimeZone::UTC,
    })
}

/// A page about a clock that moves loads itself again, without any script.
fn asking_again(mut response: Response, clock: &TestClock) -> Response {
    if clock.target.is_some() {
        response
            .headers_mut()
            .insert(HeaderName::from_static("refresh"), ASK_AGAIN);
    }
    response
}

fn name_of(zone: &TimeZone) -> &str {
    zone.iana_name().unwrap_or("UTC")
}

fn sheet(desk: &Desk, clock: &TestClock, zone: &TimeZone, form: &Form) -> Sheet {
    let (tone, state) = match (&clock.target, &clock.error) {
        (_, Some(_)) => (Tone::Bad, "Stands still"),
        (Some(_), None) => (Tone::Info, "Moving"),
        (None, None) => (Tone::Good, "Arrived"),
    };
    let mut facts = DefinitionList::new()
        .item("Now", times::moment(clock.now, zone))
        .item("Time zone", name_of(zone).to_owned())
        .item("State", Badge::new(tone, state));
    if let Some(target) = clock.target {
        facts = facts.item("On its way to", times::moment(target, zone));
    }
    if let Some(error) = &clock.error {
        facts = facts.item("Why", error.clone());
    }
    let sheet = Sheet::set_up(desk, "Test clock")
        .lead("On the way everything due happens in its order: cycles end, invoices are issued, cards are charged.")
        .card("clock", "Clock of this sandbox", &[Html::of(&facts)]);
    if clock.target.is_some() {
        let waiting = Html::text("This page loads itself again until the clock has arrived.");
        return sheet.card("waiting", "On its way", &[waiting]);
    }
    let mut steps = Vec::new();
    for (label, to) in leaps(clock.now, zone) {
        steps.push(Html::of(
            &Form::post(HERE, format!("{label}: {}", times::moment(to, zone))).with(Hidden::new("to", to.to_string())),
        ));
    }
    sheet
        .card("steps", "Move it on", &steps)
        .card("exactly", "Or to a day and time", &[Html::of(form)])
}

/// The steps most wanted: a day, a week, and the next first of a month, when cycles end.
fn leaps(now: Timestamp, zone: &TimeZone) -> Vec<(&'static str, Timestamp)> {
    let local = now.to_zoned(zone.clone());
    let first = local
        .date()
        .last_of_month()
        .tomorrow()
        .ok()
        .and_then(|first| local_time::day_start(first, zone).ok());
    [
        (
            "One day on",
            local.checked_add(1.day()).ok().map(|later| later.timestamp()),
        ),
        (
            "One week on",
            local.checked_add(1.week()).ok().map(|later| later.timestamp()),
        ),
        ("To the 1st of next month", first),
    ]
    .into_iter()
    .filter_map(|(label, to)| Some((label, to?)))
    .collect()
}

fn form(clock: &TestClock, zone: &TimeZone) -> Form {
    let local = clock.now.to_zoned(zone.clone());
    Form::post(HERE, "Move the clock").with(beside([
        Field::date("date", "Day").value(local.date().to_string()).into(),
        Field::time("time", "Time")
            .value(local.strftime("%H:%M").to_string())
            .hint(format!("In {}.", name_of(zone)))
            .into(),
    ]))
}

/// Sends the clock on its way.
pub(super) async fn advance(desk: Desk, submitted: Submitted) -> Result<Response, Failure> {
    let zone = zone(&desk).await?;
    match attempt(&desk, &submitted, &zone).await {
        Ok(()) => Ok(desk.noted("The clock is on its way.", HERE)),
        Err(failure) => {
            let failure = shown_again(failure)?;
            let clock = test_clock::read(&desk.house.app, &desk.caller()).await?;
            let failure = Failure {
                fields: failure
                    .fields
                    .into_iter()
                    .map(|mut error| {
                        // The use case speaks of one instant; it is typed as a day and a time.
                        if error.field == "to" {
                            "date".clone_into(&mut error.field);
                        }
                        error
                    })
                    .collect(),
                ..failure
            };
            let form = form(&clock, &zone).refused(&submitted, &failure);
            let response = sheet(&desk, &clock, &zone, &form).show_with(failure.status);
            Ok(response.into_response())
        }
    }
}

async fn attempt(desk: &Desk, submitted: &Submitted, zone: &TimeZone) -> Result<(), Failure> {
    let to = match submitted.get("to").parse() {
        Ok(to) => to,
        Err(_) => typed_instant(submitted, zone)?,
    };
    test_clock::advance(&desk.house.app, &desk.caller(), to).await?;
    Ok(())
}

fn typed_instant(submitted: &Submitted, zone: &TimeZone) -> Result<Timestamp, Failure> {
    let mut typed = Typed::new(submitted);
    let (date, time) = (typed.date("date"), typed.time("time"));
    typed.finish()?;
    let wall = DateTime::from_parts(required(date, "date")?, required(time, "time")?);
    Ok(local_time::instant("time", wall, zone)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_leap_to_the_first_lands_at_midnight_of_the_place() {
        let berlin = TimeZone::get("Europe/Berlin").unwrap();
        let leaps = leaps("2026-01-31T23:30:00Z".parse().unwrap(), &berlin);
        // In Berlin it is February already.
        assert_eq!(leaps[2].1.to_string(), "2026-02-28T23:00:00Z");
        // A day on is the same wall time, over a change of clocks too.
        let before_change = self::leaps("2026-03-28T11:00:00Z".parse().unwrap(), &berlin);
        assert_eq!(before_change[0].1.to_string(), "2026-03-29T10:00:00Z");
    }
}
