//! `/bookings/new`: a day at a location, resource by resource. A free half hour leads to the form with its time filled in.

use askama::Template;
use axum::{extract::RawQuery, response::Response};
use coterie_app::{
    booking::page::{self as model, BookingDay},
    membership::page::{AllowanceRow, allowances},
};
use coterie_domain::{LocationId, local_time};
use http::StatusCode;
use jiff::civil::Date;

use super::{
    allowance, book,
    book_form::{self, BookForm},
    floor, id, occupancy, query, when,
    who::Me,
};
use crate::{
    components::{Choice, DayGrid, EmptyState, ErrorSummary, Field, Link, Photos, Select},
    context::PageContext,
    failure::Failure,
    form::Submitted,
    house::House,
    page::page_with_status,
    session::MemberSession,
};

#[derive(Template)]
#[template(path = "member/day.html")]
struct DayPage<'a> {
    ctx: &'a PageContext,
    confirmed: bool,
    location: Select,
    date: Field,
    title: String,
    grid: Option<DayGrid>,
    empty: EmptyState,
    previous: Link,
    next: Link,
    /// Where things are in this house.
    floors: Vec<Link>,
    allowances: Vec<String>,
    errors: Option<ErrorSummary>,
    /// What a refusal offers: the same room later, or another one at the same time.
    instead: Vec<Link>,
    form: Option<BookForm>,
    /// Of what is to be booked.
    photos: Photos,
    has: String,
    /// What the house has.
    house_has: String,
}

pub(super) async fn show(
    ctx: PageContext,
    house: House,
    session: MemberSession,
    RawQuery(raw): RawQuery,
) -> Result<Response, Failure> {
    render(&ctx, &house, &session, &query(raw)?, None).await
}

/// The page for what was asked: by address, by the form's own values after a refusal.
pub(super) async fn render(
    ctx: &PageContext,
    house: &House,
    session: &MemberSession,
    asked: &Submitted,
    failure: Option<&Failure>,
) -> Result<Response, Failure> {
    let me = Me::load(house, session).await?;
    let Some(location) = location(&me, asked)? else {
        return Err(Failure::new(
            StatusCode::NOT_FOUND,
            "no_location",
            "No house yet",
            "This chain has not opened a house yet, so there is nothing to book.",
        ));
    };
    let zone = me.catalogue.zone_of(location)?;
    let wanted = book_form::Wanted::read(asked, &me, &zone)?;
    let date = wanted.date(asked).unwrap_or_else(|| local_time::day_at(me.now, &zone));
    let tenant = session.tenant.tenant;
    let day = model::day(&house.app, tenant, location, date).await?;
    let lots = allowances(&house.app, tenant, me.member.member_id).await?;
    let price = book_form::price(house, session, &wanted, asked).await;
    let form = book_form::build(&wanted, &day, &me.catalogue, price, asked, failure);
    let here = |day: Date| format!("/bookings/new?location={location}&date={day}");
    let empty = EmptyState::new(
        if day.rows.is_empty() {
            "Nothing to book here yet"
        } else {
            "Closed on this day"
        },
        match &day.closed_because {
            Some(reason) => format!("{} is closed: {reason}.", day.location.name),
            None => format!("{} is open {}.", day.location.name, day.location.hours),
        },
    );
    let chosen = wanted.resource;
    let template = DayPage {
        photos: chosen.map_or_else(Photos::default, |id| {
            Photos::new("/photos", &me.catalogue.photos_of(id))
        }),
        has: chosen.map_or_else(String::new, |id| me.catalogue.terms_of(id).amenities.join(", ")),
        house_has: me.catalogue.amenities_of(location).join(", "),
        ctx,
        confirmed: me.member.confirmed,
        location: locations(&me, location),
        date: Field::date("date", "Day").value(date.to_string()),
        title: format!("{} on {}", day.location.name, when::day(date)),
        grid: occupancy::grid(&me, &day, &here(date))?,
        empty,
        previous: Link::new("Day before", here(date.yesterday().unwrap_or(date))),
        next: Link::new("Day after", here(date.tomorrow().unwrap_or(date))),
        floors: me
            .catalogue
            .floors_of(location)
            .into_iter()
            .map(|floor| Link::new(&floor.fact.name, floor::address(floor.fact.floor_id)))
            .collect(),
        allowances: left(&lots, &day),
        errors: failure.map(ErrorSummary::new),
        instead: failure.map_or_else(Vec::new, |failure| instead(failure, location, asked)),
        form,
    };
    let status = failure.map_or(StatusCode::OK, |failure| failure.status);
    Ok(page_with_status(status, ctx, &template))
}

/// The location asked for, else her own, else any. `None` where the chain has none.
fn location(me: &Me, asked: &Submitted) -> Result<Option<LocationId>, Failure> {
    if !asked.get("location").is_empty() {
        let location: LocationId = id(asked.get("location"))?;
        return Ok(Some(me.catalogue.location(location)?.location_id));
    }
    let home = me
        .member
        .home_location_id
        .filter(|home| me.catalogue.locations.contains_key(home));
    Ok(home.or_else(|| me.catalogue.locations.keys().next().copied()))
}

fn locations(me: &Me, current: LocationId) -> Select {
    let mut choices: Vec<_> = me
        .catalogue
        .locations
        .values()
        .map(|location| (&location.name, location.location_id))
        .collect();
    choices.sort();
    let choices = choices
        .into_iter()
        .map(|(name, id)| Choice::new(id.to_string(), name.as_str()));
    Select::new("location", "House", choices).value(current.to_string())
}

/// What her allowances still hold on this day.
fn left(lots: &[AllowanceRow], day: &BookingDay) -> Vec<String> {
    let noon = day.zone.to_ambiguous_timestamp(day.date.at(12, 0, 0, 0)).compatible();
    let Ok(noon) = noon else { return Vec::new() };
    lots.iter()
        .filter(|lot| lot.valid_from <= noon && noon < lot.valid_until)
        .map(|lot| {
            let until = allowance::last_day(lot, &day.zone);
            format!(
                "{}: {} left until {until}",
                allowance::name(lot),
                lot.holds.told(lot.left)
            )
        })
        .collect()
}

/// What a refusal offers instead, as links to the form with it filled in.
fn instead(failure: &Failure, location: LocationId, asked: &Submitted) -> Vec<Link> {
    let here = format!("/bookings/new?location={location}");
    let resource = asked.get("resource");
    let later = book::next_free(failure);
    let later = later.map(|(label, fields)| Link::new(label, format!("{here}&resource={resource}&{fields}")));
    let others = failure.extra.get("free_instead").and_then(|others| others.as_array());
    let others = others.into_iter().flatten().filter_map(|other| {
        let (id, name) = (other.get("resource_id")?.as_str()?, other.get("name")?.as_str()?);
        let (date, start, end) = (asked.get("date"), asked.get("starts_at"), asked.get("ends_at"));
        let href = format!("{here}&resource={id}&date={date}&starts_at={start}&ends_at={end}");
        Some(Link::new(format!("Take {name} instead"), href))
    });
    later.into_iter().chain(others).collect()
}
