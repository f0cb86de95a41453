//! The page of a room that is open to visitors, as it is looked at and as it comes back with what is wrong.

use askama::Template;
use axum::response::Response;
use coterie_app::{Caller, Operation, booking as bookings};
use coterie_domain::{
    ResourceId,
    booking::Search,
    catalogue::Catalogue,
    local_time::{self, Hours},
    resource::ResourceAdded,
    visitor_booking::{Visit, earliest_start},
};
use http::StatusCode;
use jiff::{
    Timestamp, ToSpan as _,
    civil::{DateTime, Time},
};
use std::sync::Arc;

use super::{room::Wish, words};
use crate::{
    components::{Choice, ErrorSummary, Field, Hidden, Link, Money, Select},
    context::PageContext,
    failure::Failure,
    form::Submitted,
    house::House,
    member::command,
    page::page_with_status,
};

/// Starts are offered this far apart at least, so that a day stays readable.
const APART_MINUTES: i64 = 30;
/// The most lengths that are offered.
const MOST_LENGTHS: usize = 16;

#[derive(Template)]
#[template(path = "visitor/room.html")]
struct RoomPage<'a> {
    ctx: &'a PageContext,
    name: String,
    place: String,
    facts: String,
    choose: (Field, Select),
    day: String,
    zone: String,
    starts: Vec<Link>,
    errors: Option<ErrorSummary>,
    chosen: Option<Chosen>,
}

/// A time at its price, with the form of whoever comes.
struct Chosen {
    when: String,
    because: Vec<String>,
    net: Money,
    amount: Money,
    fields: [Field; 2],
    hidden: Vec<Hidden>,
}

/// What was asked for, with the usual where nothing was.
pub(super) async fn wish(
    house: &House,
    caller: &Caller,
    resource: ResourceId,
    asked: &Submitted,
) -> Result<Wish, Failure> {
    let (catalogue, now) = read(house, caller).await?;
    let room = catalogue.resource(resource)?;
    let zone = catalogue.zone_of(room.location_id)?;
    let usual = lengths(room)
        .find(|minutes| *minutes >= 60)
        .unwrap_or(room.min_minutes.into());
    Ok(Wish::read(resource, asked, local_time::day_at(now, &zone), usual))
}

async fn read(house: &House, caller: &Caller) -> Result<(Arc<Catalogue>, Timestamp), Failure> {
    let mut op = Operation::open(&house.app, caller).await?;
    Ok((op.catalogue().await?, op.now))
}

/// `price` is of the time that was chosen, or why there is none; `submitted` is a form that comes back.
pub(super) async fn show(
    ctx: &PageContext,
    house: &House,
    caller: &Caller,
    wish: &Wish,
    price: Option<Result<Visit, Failure>>,
    submitted: Option<(&Submitted, &Failure)>,
) -> Result<Response, Failure> {
    let (catalogue, now) = read(house, caller).await?;
    let room = catalogue.resource(wish.resource)?;
    let place = catalogue.location(room.location_id)?;
    let (price, refused) = match price {
        Some(Ok(visit)) => (Some(visit), None),
        Some(Err(failure)) => (None, Some(failure)),
        None => (None, None),
    };
    let failure = submitted.map(|(_, failure)| failure).or(refused.as_ref());
    let has = catalogue.terms_of(room.resource_id).amenities;
    let facts = [vec![format!("For {}", words::people(room.capacity))], has]
        .concat()
        .join(", ");
    let chosen = match &price {
        Some(visit) => Some(chosen(wish, visit, submitted)?),
        None => None,
    };
    let template = RoomPage {
        ctx,
        name: room.name.clone(),
        place: format!("{}, {}", place.name, words::street(place)),
        facts,
        choose: choose(room, wish),
        day: words::day(wish.day),
        zone: place.time_zone.clone(),
        starts: starts(house, caller, room, wish, now, &catalogue).await?,
        errors: failure.map(ErrorSummary::new),
        chosen,
    };
    let status = failure.map_or(StatusCode::OK, |failure| failure.status);
    Ok(page_with_status(status, ctx, &template))
}

fn chosen(wish: &Wish, visit: &Visit, submitted: Option<(&Submitted, &Failure)>) -> Result<Chosen, Failure> {
    let fact = &visit.booked.fact;
    let field = |field: Field| match submitted {
        Some((submitted, failure)) => field.refused(submitted, failure),
        None => field,
    };
    let start = wish
        .start
        .map_or_else(String::new, |start| start.strftime("%H:%M").to_string());
    Ok(Chosen {
        when: words::span(fact.starts_at, fact.ends_at, &fact.time_zone)?,
        because: fact.because.iter().map(|step| step.text.clone()).collect(),
        net: words::money(fact.charged),
        amount: words::money(visit.amount),
        fields: [
            field(
                Field::text("name", "Your name")
                    .autocomplete("name")
                    .attribute("maxlength", "120"),
            ),
            field(
                Field::email("email", "Email")
                    .hint("The confirmation, the receipt and a link to your booking go there."),
            ),
        ],
        hidden: vec![
            Hidden::new("day", wish.day.to_string()),
            Hidden::new("minutes", wish.minutes.to_string()),
            Hidden::new("start", start),
            command::token(),
        ],
    })
}

/// Lengths that it can be booked for, half an hour apart where its steps are shorter.
fn lengths(room: &ResourceAdded) -> impl Iterator<Item = i64> + use<> {
    let (min, max) = (i64::from(room.min_minutes), i64::from(room.max_minutes));
    let apart = apart(room);
    (0..)
        .map(move |count| min + count * apart)
        .take_while(move |minutes| *minutes <= max)
}

fn apart(room: &ResourceAdded) -> i64 {
    let step = i64::from(room.step_minutes.max(1));
    step * ((APART_MINUTES + step - 1) / step)
}

fn choose(room: &ResourceAdded, wish: &Wish) -> (Field, Select) {
    let lengths = lengths(room).take(MOST_LENGTHS).map(|minutes| {
        let words = coterie_domain::booking::length_in_words(i32::try_from(minutes).unwrap_or(i32::MAX));
        Choice::new(minutes.to_string(), words)
    });
    (
        Field::date("day", "Day").value(wish.day.to_string()),
        Select::new("minutes", "For", lengths).value(wish.minutes.to_string()),
    )
}

/// Links to the starts that are free on the day, each with its price.
async fn starts(
    house: &House,
    caller: &Caller,
    room: &ResourceAdded,
    wish: &Wish,
    now: Timestamp,
    catalogue: &Catalogue,
) -> Result<Vec<Link>, Failure> {
    let search = Search {
        first_day: wish.day,
        last_day: wish.day,
        hours: Hours {
            from: Time::midnight(),
            to: Time::midnight(),
        },
        minutes: wish.minutes,
        capacity: 0,
        amenities: Vec::new(),
        location: Some(room.location_id),
        resource_type: Some(room.resource_type_id),
    };
    let found = match bookings::find_free(&house.app, caller, None, &search, None).await {
        Ok(found) => found,
        // A length or a day that makes no sense has no free time.
        Err(coterie_app::UseCaseError::Refused(_)) => return Ok(Vec::new()),
        Err(error) => return Err(error.into()),
    };
    let zone = catalogue.zone_of(room.location_id)?;
    let earliest = zone.to_datetime(earliest_start(now));
    let mut starts = Vec::new();
    for offer in found
        .offers
        .iter()
        .filter(|offer| offer.resource.resource_id == room.resource_id)
    {
        let (mut start, last): (DateTime, DateTime) = (offer.window.first_start, offer.window.last_start);
        while start <= last {
            if start > earliest {
                let at = start.strftime("%H:%M").to_string();
                let href = format!(
                    "/visit/{}?day={}&minutes={}&start={at}",
                    room.resource_id, wish.day, wish.minutes
                );
                starts.push(Link::new(at, href));
            }
            let Ok(next) = start.checked_add(apart(room).minutes()) else {
                break;
            };
            start = next;
        }
    }
    Ok(starts)
}
