//! `/bookings/find`: where and when a booking fits.

use askama::Template;
use axum::{extract::RawQuery, response::Response};
use coterie_app::{
    Caller,
    booking::{self, Offer},
};
use coterie_domain::{LocationId, booking::Search, local_time, local_time::Hours};
use http::StatusCode;
use jiff::{
    ToSpan as _,
    civil::{Date, Time},
};

use super::{answers_form, occupancy, query, when, who::Me};
use crate::{
    components::{Choice, Column, EmptyState, ErrorSummary, Field, Link, Select, Table},
    context::PageContext,
    failure::{Failure, FieldError},
    form::Submitted,
    house::House,
    page::page_with_status,
    session::MemberSession,
    told,
};

#[derive(Template)]
#[template(path = "member/find.html")]
struct FindPage<'a> {
    ctx: &'a PageContext,
    errors: Option<ErrorSummary>,
    rows: [Vec<Control>; 3],
    found: Option<Table>,
    cut: bool,
}

enum Control {
    Field(Field),
    Select(Select),
}

pub(super) async fn show(
    ctx: PageContext,
    house: House,
    session: MemberSession,
    RawQuery(raw): RawQuery,
) -> Result<Response, Failure> {
    let asked = query(raw)?;
    let me = Me::load(&house, &session).await?;
    let found = if asked.has("minutes") {
        let search = async {
            let search = read(&asked)?;
            let member = Some(me.member.member_id);
            Ok(booking::find_free(&house.app, &Caller::from(&session), member, &search, None).await?)
        };
        match search.await {
            Ok(found) => Some(Ok(found)),
            Err(failure) if answers_form(&failure) => Some(Err(failure)),
            Err(failure) => return Err(failure),
        }
    } else {
        None
    };
    let (found, failure) = match found {
        Some(Ok(found)) => (Some(found), None),
        Some(Err(failure)) => (None, Some(failure)),
        None => (None, None),
    };
    let minutes: i64 = asked.get("minutes").parse().unwrap_or(60);
    let template = FindPage {
        ctx: &ctx,
        errors: failure.as_ref().map(ErrorSummary::new),
        rows: controls(&me, &asked, failure.as_ref()),
        cut: found.as_ref().is_some_and(|found| found.cut),
        found: found.map(|found| table(&found.offers, minutes, asked.get("people"))),
    };
    let status = failure.map_or(StatusCode::OK, |failure| failure.status);
    Ok(page_with_status(status, &ctx, &template))
}

/// What is looked for, out of the form.
pub(crate) fn read(asked: &Submitted) -> Result<Search, Failure> {
    let mut wrong = Vec::new();
    let mut date = |name: &str| {
        asked
            .get(name)
            .parse::<Date>()
            .map_err(|_| wrong.push(FieldError::new(name, "Enter a day such as 2026-01-22.")))
            .ok()
    };
    let first_day = date("first_day");
    let last_day = if asked.get("last_day").is_empty() {
        first_day
    } else {
        date("last_day")
    };
    let mut time = |name: &str| match asked.get(name) {
        "" => Some(Time::midnight()),
        text => Time::strptime("%H:%M", text)
            .map_err(|_| wrong.push(FieldError::new(name, "Enter a time such as 14:30.")))
            .ok(),
    };
    let (from, until) = (time("from"), time("until"));
    let mut number = |name: &str, empty: i64| match asked.get(name) {
        "" => Some(empty),
        text => text
            .parse::<i64>()
            .map_err(|_| wrong.push(FieldError::new(name, "Enter a number.")))
            .ok(),
    };
    let (minutes, people) = (number("minutes", 60), number("people", 0));
    let (Some(first_day), Some(last_day), Some(from), Some(to), Some(minutes), Some(people)) =
        (first_day, last_day, from, until, minutes, people)
    else {
        return Err(Failure::invalid(wrong));
    };
    let location = match asked.get("location") {
        "" => None,
        text => Some(super::id::<LocationId>(text)?),
    };
    Ok(Search {
        first_day,
        last_day,
        hours: Hours { from, to },
        minutes,
        capacity: i32::try_from(people).unwrap_or(i32::MAX),
        amenities: asked
            .all("amenity")
            .filter(|name| !name.is_empty())
            .map(str::to_owned)
            .collect(),
        location,
        resource_type: None,
    })
}

fn controls(me: &Me, asked: &Submitted, failure: Option<&Failure>) -> [Vec<Control>; 3] {
    let field = |field: Field, usual: &str, name: &str| {
        let value = if asked.has(name) {
            asked.get(name).to_owned()
        } else {
            usual.to_owned()
        };
        let field = field.value(value);
        Control::Field(match failure {
            Some(failure) => field.refused(asked, failure),
            None => field,
        })
    };
    let home = me
        .member
        .home_location_id
        .and_then(|home| me.catalogue.zone_of(home).ok());
    let zone = home.or_else(|| {
        let first = me.catalogue.locations.keys().next()?;
        me.catalogue.zone_of(*first).ok()
    });
    let today = local_time::day_at(me.now, &zone.unwrap_or(jiff::tz::TimeZone::UTC));
    let mut places: Vec<_> = me
        .catalogue
        .locations
        .values()
        .map(|place| (&place.name, place.location_id))
        .collect();
    places.sort();
    let places = std::iter::once(Choice::new("", "Any house"))
        .chain(places.into_iter().map(|(name, id)| Choice::new(id.to_string(), name)));
    let amenities: std::collections::BTreeSet<String> = me
        .catalogue
        .resources
        .keys()
        .flat_map(|id| me.catalogue.terms_of(*id).amenities)
        .collect();
    let mut last = vec![
        field(
            Field::number("people", "People").attribute("min", "0").optional(),
            "",
            "people",
        ),
        Control::Select(Select::new("location", "House", places).value(asked.get("location"))),
    ];
    if !amenities.is_empty() {
        let choices = std::iter::once(Choice::new("", "Anything"))
            .chain(amenities.into_iter().map(|name| Choice::new(name.clone(), name)));
        last.push(Control::Select(
            Select::new("amenity", "With", choices).value(asked.get("amenity")),
        ));
    }
    [
        vec![
            field(Field::date("first_day", "From day"), &today.to_string(), "first_day"),
            field(
                Field::date("last_day", "Until day")
                    .optional()
                    .hint("The first day alone, without one."),
                "",
                "last_day",
            ),
            field(
                Field::number("minutes", "Minutes")
                    .attribute("min", "5")
                    .attribute("max", "1440"),
                "60",
                "minutes",
            ),
        ],
        vec![
            field(Field::time("from", "Not before").optional(), "", "from"),
            field(Field::time("until", "Not after").optional(), "", "until"),
        ],
        last,
    ]
}

fn table(offers: &[Offer], minutes: i64, people: &str) -> Table {
    let columns = [
        Column::text("When"),
        Column::text("Start"),
        Column::text("What"),
        Column::text("Where"),
        Column::number("Price"),
    ];
    let mut table = Table::new("Free", columns).empty(EmptyState::new(
        "Nothing is free like that",
        "Try other days, a shorter time or another house.",
    ));
    for offer in offers {
        let (first, last) = (offer.window.first_start, offer.window.last_start);
        let end = first.saturating_add(minutes.minutes());
        let mut href = format!(
            "/bookings/new?location={}&resource={}&date={}&starts_at={}&ends_at={}",
            offer.resource.location_id,
            offer.resource.resource_id,
            first.date(),
            first.strftime("%H:%M"),
            end.strftime("%H:%M")
        );
        // The price is for so many.
        if let Ok(people @ 1..) = people.parse::<i32>() {
            href = format!("{href}&people={people}");
        }
        let starts = if first == last {
            format!("at {}", first.strftime("%H:%M"))
        } else {
            format!("{} to {}", first.strftime("%H:%M"), last.strftime("%H:%M"))
        };
        let people = occupancy::people(offer.resource.capacity);
        let what = [vec![people], offer.amenities.clone()].concat().join(", ");
        table.push([
            Link::new(
                format!("{}, {}", when::day(first.date()), first.strftime("%H:%M")),
                href,
            )
            .into(),
            starts.into(),
            format!("{} ({what})", offer.resource.name).into(),
            offer.location_name.clone().into(),
            told::either(offer.price, offer.price_with_tax).into(),
        ]);
    }
    table
}
