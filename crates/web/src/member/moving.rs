//! `/bookings/{id}/move`: another time or another room, with the difference in price said before anything is done.

use askama::Template;
use axum::{
    extract::{Path, RawQuery, State},
    response::{IntoResponse as _, Redirect, Response},
};
use axum_extra::extract::CookieJar;
use coterie_app::{
    Caller, Operation,
    booking::{self, Move, MoveQuote},
};
use coterie_domain::{
    BookingId, Money, ResourceId,
    booking::{BookingConfirmed, hours},
    catalogue::Catalogue,
    local_time,
};
use http::StatusCode;
use jiff::{civil::DateTime, tz::TimeZone};
use std::sync::Arc;

use super::{answers_form, book, book_form, command, id, money, occupancy, query, when};
use crate::{
    components::{Choice, ErrorSummary, Field, Hidden, Link, Select},
    context::{Flash, PageContext},
    cookies,
    failure::Failure,
    form::Submitted,
    house::House,
    page::page_with_status,
    session::MemberSession,
    state::AppState,
};

#[derive(Template)]
#[template(path = "member/move.html")]
struct MovePage<'a> {
    ctx: &'a PageContext,
    what: String,
    errors: Option<ErrorSummary>,
    next_free: Option<Link>,
    resource: Select,
    date: Field,
    times: [Field; 2],
    people: Option<Field>,
    hidden: Vec<Hidden>,
    zone: String,
    price: Vec<String>,
    back: String,
}

/// The booking as it stands.
struct Standing {
    fact: BookingConfirmed,
    catalogue: Arc<Catalogue>,
    zone: TimeZone,
}

impl Standing {
    async fn load(house: &House, session: &MemberSession, id: BookingId) -> Result<Self, Failure> {
        let mut op = Operation::open(&house.app, &Caller::from(session)).await?;
        let (booking, _) = booking::load(&mut op, id).await?;
        if booking.fact.member_id.0 != session.member_id {
            return Err(Failure::not_found());
        }
        Ok(Self {
            zone: local_time::zone(&booking.fact.time_zone)?,
            fact: booking.fact,
            catalogue: op.catalogue().await?,
        })
    }

    /// What the form starts with.
    fn as_it_is(&self) -> Submitted {
        let (start, end) = (
            self.zone.to_datetime(self.fact.starts_at),
            self.zone.to_datetime(self.fact.ends_at),
        );
        let fields = [
            ("resource", self.fact.resource_id.to_string()),
            ("date", start.date().to_string()),
            ("starts_at", clock(start)),
            ("ends_at", clock(end)),
            (
                "people",
                self.fact.people.map_or_else(String::new, |people| people.to_string()),
            ),
        ];
        let text = serde_urlencoded::to_string(fields).unwrap_or_default();
        Submitted::from_encoded(&text).unwrap_or_default()
    }

    /// Everything that can be booked in the same house, by name.
    fn resources(&self) -> Select {
        let mut here: Vec<_> = self
            .catalogue
            .resources
            .values()
            .filter(|resource| resource.location_id == self.fact.location_id)
            .collect();
        here.sort_by(|a, b| a.name.cmp(&b.name));
        let choices = here.iter().map(|resource| {
            let label = format!("{} ({})", resource.name, occupancy::people(resource.capacity));
            Choice::new(resource.resource_id.to_string(), label)
        });
        Select::new("resource", "What", choices)
    }

    fn wanted(&self, asked: &Submitted, agreed: Option<Money>) -> Result<Move, Failure> {
        let resource_id: ResourceId = id(asked.get("resource"))?;
        let (start, end) = book_form::span(asked).ok_or_else(|| book::not_a_time(asked))?;
        Ok(Move {
            booking_id: self.fact.booking_id,
            resource_id,
            start,
            end,
            agreed,
            people: book_form::people(asked)?,
        })
    }
}

fn clock(wall: DateTime) -> String {
    wall.strftime("%H:%M").to_string()
}

pub(super) async fn show(
    ctx: PageContext,
    house: House,
    session: MemberSession,
    Path(booking): Path<String>,
    RawQuery(raw): RawQuery,
) -> Result<Response, Failure> {
    let standing = Standing::load(&house, &session, id(&booking)?).await?;
    let asked = query(raw)?;
    if asked.get("starts_at").is_empty() {
        return Ok(render(&ctx, &standing, &standing.as_it_is(), None, None));
    }
    quoted(&ctx, &house, &session, &standing, &asked).await
}

/// The form with what moving there would cost, or why it cannot be.
async fn quoted(
    ctx: &PageContext,
    house: &House,
    session: &MemberSession,
    standing: &Standing,
    asked: &Submitted,
) -> Result<Response, Failure> {
    let quote = async {
        let wanted = standing.wanted(asked, None)?;
        Ok(booking::quote_move(&house.app, &Caller::from(session), wanted).await?)
    };
    match quote.await {
        Ok(quote) => Ok(render(ctx, standing, asked, Some(&quote), None)),
        Err(failure) if answers_form(&failure) => Ok(render(ctx, standing, asked, None, Some(&failure))),
        Err(failure) => Err(failure),
    }
}

pub(super) async fn submit(
    ctx: PageContext,
    State(state): State<AppState>,
    house: House,
    jar: CookieJar,
    session: MemberSession,
    Path(booking): Path<String>,
    submitted: Submitted,
) -> Result<Response, Failure> {
    let standing = Standing::load(&house, &session, id(&booking)?).await?;
    // Nothing is moved at a price that was not shown.
    let Ok(agreed) = submitted.get("agreed_minor").parse::<i64>() else {
        return quoted(&ctx, &house, &session, &standing, &submitted).await;
    };
    let agreed = Money::new(agreed, standing.fact.charged.currency);
    let outcome = async {
        let wanted = standing.wanted(&submitted, Some(agreed))?;
        let asked = format!(
            "move:{booking}:{}:{}:{}:{:?}",
            wanted.resource_id, wanted.start, wanted.end, wanted.people
        );
        let caller = command::keyed(Caller::from(&session), &submitted, &asked);
        Ok(booking::move_booking(&house.app, &caller, wanted).await?)
    };
    match outcome.await {
        Ok(done) => {
            let jar = cookies::remember_position(&state.config, jar, done.position);
            let sentence = format!("Moved. {}", difference(&done.outcome));
            let jar = cookies::leave_flash(&state.config, jar, &Flash::success(sentence));
            Ok((jar, Redirect::to(&format!("/bookings/{booking}"))).into_response())
        }
        Err(failure) if answers_form(&failure) => Ok(render(&ctx, &standing, &submitted, None, Some(&failure))),
        Err(failure) => Err(failure),
    }
}

fn render(
    ctx: &PageContext,
    standing: &Standing,
    asked: &Submitted,
    quote: Option<&MoveQuote>,
    failure: Option<&Failure>,
) -> Response {
    let fact = &standing.fact;
    let name = standing
        .catalogue
        .resource(fact.resource_id)
        .map_or("", |resource| &resource.name);
    let refused = |field: Field| match failure {
        Some(failure) => field.refused(asked, failure),
        None => field,
    };
    let mut hidden = vec![command::token()];
    hidden.extend(quote.map(|quote| Hidden::new("agreed_minor", quote.after.minor.to_string())));
    let template = MovePage {
        ctx,
        what: format!(
            "{name}, {} ({})",
            when::span(fact.starts_at, fact.ends_at, &standing.zone),
            when::zone_name(&standing.zone)
        ),
        errors: failure.map(ErrorSummary::new),
        next_free: failure.and_then(|failure| next_free(failure, ctx, asked)),
        resource: standing.resources().value(asked.get("resource")),
        date: refused(Field::date("date", "Day").value(asked.get("date"))),
        times: [
            refused(Field::time("starts_at", "From").value(asked.get("starts_at"))),
            refused(
                Field::time("ends_at", "To")
                    .value(asked.get("ends_at"))
                    .hint("00:00 is the end of the day."),
            ),
        ],
        people: people_field(standing, asked).map(refused),
        hidden,
        zone: when::zone_name(&standing.zone),
        price: quote.map(price).unwrap_or_default(),
        back: format!("/bookings/{}", fact.booking_id),
    };
    let status = failure.map_or(StatusCode::OK, |failure| failure.status);
    page_with_status(status, ctx, &template)
}

/// How many come, to whatever room is chosen.
fn people_field(standing: &Standing, asked: &Submitted) -> Option<Field> {
    let wanted: ResourceId = id(asked.get("resource")).ok()?;
    let room = standing.catalogue.resource(wanted).ok()?;
    Some(book_form::people_field(room)?.value(asked.get("people")))
}

/// How the new price comes about, and what it is beside the old one.
pub(crate) fn price(quote: &MoveQuote) -> Vec<String> {
    let mut steps: Vec<String> = quote.because.iter().map(|step| step.text.clone()).collect();
    if quote.before_allowance_minutes != quote.after_allowance_minutes {
        steps.push(format!(
            "{} from the allowance instead of {}",
            hours(quote.after_allowance_minutes),
            hours(quote.before_allowance_minutes)
        ));
    }
    steps.push(difference(quote));
    steps
}

/// What is charged now and what was before, in a sentence.
pub(crate) fn difference(quote: &MoveQuote) -> String {
    let (before, after) = (money(quote.before).text(), money(quote.after).text());
    let change = quote.after.minor - quote.before.minor;
    let amount = money(Money::new(change.abs(), quote.after.currency)).text();
    match change {
        0 => format!("It is charged with {after} plus VAT, as before."),
        1.. => format!("It is charged with {after} plus VAT instead of {before}: {amount} more."),
        _ => format!("It is charged with {after} plus VAT instead of {before}: {amount} less."),
    }
}

/// The time that a refusal offers instead, as a link to this form with it filled in.
fn next_free(failure: &Failure, ctx: &PageContext, asked: &Submitted) -> Option<Link> {
    let (label, fields) = book::next_free(failure)?;
    let href = format!("{}?resource={}&{fields}", ctx.path, asked.get("resource"));
    Some(Link::new(label, href))
}
