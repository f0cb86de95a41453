//! `POST /bookings`: one winner; whoever comes too late is offered the next free time.

use axum::{
    extract::State,
    response::{IntoResponse as _, Redirect, Response},
};
use axum_extra::extract::CookieJar;
use coterie_app::{
    Caller,
    booking::{self, Book},
};
use coterie_domain::{ResourceId, booking::WaitsFor};
use jiff::civil::DateTime;

use super::{answers_form, book_form, command, day, id, repeat, when};
use crate::{
    context::{Flash, PageContext},
    cookies,
    failure::{Failure, FieldError},
    form::Submitted,
    house::House,
    session::MemberSession,
    state::AppState,
};

pub(super) async fn submit(
    ctx: PageContext,
    State(state): State<AppState>,
    house: House,
    jar: CookieJar,
    session: MemberSession,
    submitted: Submitted,
) -> Result<Response, Failure> {
    let outcome = async {
        let resource_id: ResourceId = id(submitted.get("resource"))?;
        let (start, end) = book_form::span(&submitted).ok_or_else(|| not_a_time(&submitted))?;
        let people = book_form::people(&submitted)?;
        let asked = format!("book:{resource_id}:{start}:{end}:{people:?}");
        if let Some(wanted) = repeat::series(&submitted, session.member_id.into(), resource_id, (start, end))? {
            let asked = format!("{asked}:{}:{}", wanted.wish.rule, wanted.leaving_out);
            let caller = command::keyed(Caller::from(&session), &submitted, &asked);
            let done = booking::book_series(&house.app, &caller, wanted).await;
            let done = done.map_err(|error| repeat::at_its_control(error.into()))?;
            let sentence = format!("{} bookings are yours.", done.outcome.bookings.len());
            return Ok((done.position, format!("/series/{}", done.outcome.series_id), sentence));
        }
        let hold = submitted.has("hold");
        let asked = if hold { format!("hold:{asked}") } else { asked };
        let caller = command::keyed(Caller::from(&session), &submitted, &asked);
        let wish = Book {
            member_id: session.member_id.into(),
            resource_id,
            start,
            end,
            people,
        };
        if hold {
            let done = booking::hold(&house.app, &caller, wish).await?;
            let sentence = match done.outcome.waits_for {
                WaitsFor::Member | WaitsFor::Payment => "It is held for you. Book it before the time is over.",
                WaitsFor::Staff => "The house was asked. You get an email when it answers.",
            };
            let next = format!("/bookings/{}", done.outcome.booking_id);
            return Ok((done.position, next, sentence.to_owned()));
        }
        let done = booking::book(&house.app, &caller, wish).await?;
        let next = format!("/bookings/{}", done.outcome);
        Ok((done.position, next, "Booked. It is yours.".to_owned()))
    };
    match outcome.await {
        Ok((position, next, sentence)) => {
            let jar = cookies::remember_position(&state.config, jar, position);
            let jar = cookies::leave_flash(&state.config, jar, &Flash::success(sentence));
            Ok((jar, Redirect::to(&next)).into_response())
        }
        Err(failure) if answers_form(&failure) => day::render(&ctx, &house, &session, &submitted, Some(&failure)).await,
        Err(failure) => Err(failure),
    }
}

/// Which of the three is no date or time.
pub(crate) fn not_a_time(submitted: &Submitted) -> Failure {
    let mut wrong = Vec::new();
    if submitted.get("date").parse::<jiff::civil::Date>().is_err() {
        wrong.push(FieldError::new("date", "Enter a day such as 2026-01-22."));
    }
    for name in ["starts_at", "ends_at"] {
        if jiff::civil::Time::strptime("%H:%M", submitted.get(name)).is_err() {
            wrong.push(FieldError::new(name, "Enter a time such as 14:30."));
        }
    }
    Failure::invalid(wrong)
}

/// The time that a refusal offers instead: what to call it, and the fields of a form that has it filled in.
pub(super) fn next_free(failure: &Failure) -> Option<(String, String)> {
    let wall = |name: &str| {
        let text = failure.extra.get("next_free")?.get(name)?.as_str()?;
        text.parse::<DateTime>().ok()
    };
    let (start, end) = (wall("starts_at")?, wall("ends_at")?);
    let (from, until) = (start.strftime("%H:%M"), end.strftime("%H:%M"));
    let label = format!("Take {}, {from}–{until} instead", when::day(start.date()));
    let fields = format!("date={}&starts_at={from}&ends_at={until}", start.date());
    Some((label, fields))
}
