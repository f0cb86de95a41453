//! A location's bookings, day by day.

use axum::{extract::Query, response::Response};
use coterie_app::{
    booking::page::{self as booking_page, BookingFilter},
    page::PageRequest,
    projections,
};
use coterie_domain::{LocationId, catalogue::Catalogue, local_time, location::LocationOpened};
use jiff::{ToSpan, civil::Date, tz::TimeZone};
use serde::Deserialize;

use super::{
    booking_table, choices,
    desk::Desk,
    form::{Form, beside},
    sheet::Sheet,
    times,
};
use crate::{
    components::{EmptyState, Field, Pagination},
    failure::Failure,
};

pub(super) const HERE: &str = "/operator/bookings";

/// Which place, which day, and where in the list. What cannot be read counts as not asked for.
#[derive(Deserialize)]
pub(super) struct Asked {
    pub(super) location: Option<String>,
    pub(super) date: Option<String>,
    after: Option<String>,
}

/// A location, its zone, and the day that is shown of it.
pub(super) struct PlaceAndDay<'a> {
    pub(super) place: &'a LocationOpened,
    pub(super) zone: TimeZone,
    pub(super) day: Date,
}

/// The place and day that were asked for; the first place and today where none was. `None` before the first location.
pub(super) async fn place_and_day<'a>(
    desk: &Desk,
    catalogue: &'a Catalogue,
    location: Option<&str>,
    date: Option<&str>,
) -> Result<Option<PlaceAndDay<'a>>, Failure> {
    let asked = location.filter(|text| !text.is_empty());
    let place = match asked {
        Some(text) => {
            let id: LocationId = text.parse().map_err(|_| Failure::not_found())?;
            Some(catalogue.locations.get(&id).ok_or_else(Failure::not_found)?)
        }
        None => choices::locations(catalogue).into_iter().next(),
    };
    let Some(place) = place else { return Ok(None) };
    let zone = local_time::zone(&place.time_zone)?;
    let day = match date.and_then(|text| text.parse().ok()) {
        Some(day) => day,
        None => local_time::day_at(desk.now().await?, &zone),
    };
    Ok(Some(PlaceAndDay { place, zone, day }))
}

/// The form that asks for another place or day.
pub(super) fn chooser(catalogue: &Catalogue, here: &str, shown: &PlaceAndDay<'_>) -> Form {
    Form::get(here, "Show").with(beside([
        choices::location_select_as("location", catalogue)
            .value(shown.place.location_id.to_string())
            .into(),
        Field::date("date", "Day").value(shown.day.to_string()).into(),
    ]))
}

/// The bookings of one day.
pub(super) async fn list(desk: Desk, Query(asked): Query<Asked>) -> Result<Response, Failure> {
    desk.caught_up(&[projections::PEOPLE, projections::BOOKINGS]).await?;
    let catalogue = desk.catalogue().await?;
    let Some(shown) = place_and_day(&desk, &catalogue, asked.location.as_deref(), asked.date.as_deref()).await? else {
        let empty = EmptyState::new(
            "No location yet",
            "Bookings are made for rooms and desks in a location.",
        )
        .action("Set up your chain", "/operator/set-up");
        return Ok(Sheet::booked(&desk, "Bookings").part(&empty).show());
    };
    let id = shown.place.location_id;
    let filter = BookingFilter {
        location: Some(id),
        from: Some(local_time::day_start(shown.day, &shown.zone)?),
        until: Some(local_time::day_start(shown.day.saturating_add(1.day()), &shown.zone)?),
        ..BookingFilter::default()
    };
    let request = PageRequest {
        limit: Some(50),
        after: asked.after,
    };
    let page = booking_page::list(&desk.house.app, desk.tenant(), filter, &request).await?;
    let caption = format!(
        "{}, {}. Times in {}",
        shown.place.name,
        times::day(shown.day),
        shown.place.time_zone
    );
    let book = format!("{HERE}/new?location={id}&date={}", shown.day);
    let table = booking_table::of_day(&page.items, &caption, &shown.zone).empty(
        EmptyState::new(
            "Nothing booked",
            format!("{}, {}.", shown.place.name, times::day(shown.day)),
        )
        .action("Book for a member", &book),
    );
    let of_day = |day: Date| format!("{HERE}?location={id}&date={day}");
    let days = Pagination {
        label: "Days".to_owned(),
        previous: Some(of_day(shown.day.saturating_sub(1.day()))),
        next: Some(of_day(shown.day.saturating_add(1.day()))),
    };
    let more = Pagination {
        label: "Bookings of the day".to_owned(),
        previous: None,
        next: page.next.map(|next| format!("{}&after={next}", of_day(shown.day))),
    };
    Ok(Sheet::booked(&desk, "Bookings")
        .lead(format!("{}, {}", shown.place.name, times::day(shown.day)))
        .action("Book for a member", book)
        .action("Find a free time", super::find::HERE)
        .part(&chooser(&catalogue, HERE, &shown))
        .part(&table)
        .part(&more)
        .part(&days)
        .show())
}
