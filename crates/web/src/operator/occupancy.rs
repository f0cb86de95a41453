//! When the houses are full and when they are empty: a week of hours, for a month or any days, and the same as a file.

use axum::{
    extract::RawQuery,
    response::{IntoResponse as _, Response},
};
use coterie_app::{
    occupancy::{self, OccupancyFilter},
    projections,
};
use coterie_documents::occupancy::{Row, csv};
use coterie_domain::{
    LocationId, ResourceTypeId,
    catalogue::Catalogue,
    occupancy::{Minutes, Occupancy},
    period::month_name,
};
use http::{HeaderValue, header};
use jiff::{ToSpan, civil::Weekday};
use std::collections::BTreeMap;

use super::{
    choices,
    desk::{Desk, shown_again},
    form::{Form, beside},
    sheet::{Html, Sheet},
    times,
    typed::Typed,
};
use crate::{
    components::{Column, EmptyState, Field, Heat, HeatMap, HeatRow, Pagination, Table, Tile, Tiles},
    failure::Failure,
    form::Submitted,
};

pub(super) const HERE: &str = "/operator/occupancy";
/// The same figures as a file, for the same query.
pub(super) const FILE: &str = "/operator/occupancy.csv";

fn filter(asked: &Submitted) -> Result<OccupancyFilter, Failure> {
    let mut typed = Typed::new(asked);
    let mut maybe_date = |name: &str| {
        let empty = asked.get(name).trim().is_empty();
        if empty { None } else { typed.date(name) }
    };
    let (first_day, last_day) = (maybe_date("first_day"), maybe_date("last_day"));
    let filter = OccupancyFilter {
        month: typed.text("month"),
        first_day,
        last_day,
        location_id: typed.maybe_id("location_id"),
        resource_type_id: typed.maybe_id("resource_type_id"),
    };
    typed.finish()?;
    Ok(filter)
}

/// The page.
pub(super) async fn show(desk: Desk, RawQuery(raw): RawQuery) -> Result<Response, Failure> {
    desk.caught_up(&[projections::BOOKINGS]).await?;
    let asked = Submitted::from_encoded(&raw.unwrap_or_default())?;
    let measured = match filter(&asked) {
        Ok(filter) => occupancy::measure(&desk.house.app, desk.tenant(), &filter)
            .await
            .map(|(measured, catalogue)| (filter, measured, catalogue))
            .map_err(Failure::from),
        Err(failure) => Err(failure),
    };
    let (filter, measured, catalogue) = match measured {
        Ok(found) => found,
        Err(failure) => {
            let failure = shown_again(failure)?;
            let form = chooser(&*desk.catalogue().await?).refused(&asked, &failure);
            return Ok(Sheet::new(&desk, "Occupancy").part(&form).show_with(failure.status));
        }
    };
    let days = measured.days;
    let shown = [
        ("first_day", days.start.to_string()),
        ("last_day", days.last().to_string()),
        ("location_id", text(filter.location_id)),
        ("resource_type_id", text(filter.resource_type_id)),
    ];
    let shown = serde_urlencoded::to_string(shown).unwrap_or_default();
    let form = chooser(&catalogue).refilled(&Submitted::from_encoded(&shown)?);
    let sheet = Sheet::new(&desk, "Occupancy")
        .lead(format!("{} to {}", times::day(days.start), times::day(days.last())))
        .part(&form);
    if measured.hours.is_empty() && measured.booked_while_closed == 0 {
        let empty = EmptyState::new(
            "Nothing was open",
            "There is no room or desk there, or the houses were closed on all of these days.",
        );
        return Ok(sheet.part(&empty).part(&months(&measured, &filter)).show());
    }
    let remark = "Cancelled bookings do not count. Hours are those of each house's own clock. What is open follows the opening hours, closures and rooms as they are now.";
    Ok(sheet
        .action("Download as CSV", format!("{FILE}?{shown}"))
        .part(&tiles(&measured))
        .part(&heat_map(&measured))
        .part(&by_place_and_type(&measured, &catalogue))
        .part(&Html::text(remark))
        .part(&months(&measured, &filter))
        .show())
}

/// The file.
pub(super) async fn download(desk: Desk, RawQuery(raw): RawQuery) -> Result<Response, Failure> {
    desk.caught_up(&[projections::BOOKINGS]).await?;
    let filter = filter(&Submitted::from_encoded(&raw.unwrap_or_default())?)?;
    let (measured, catalogue) = occupancy::measure(&desk.house.app, desk.tenant(), &filter).await?;
    let rows = measured.hours.iter().map(|(hour, minutes)| Row {
        location: place_name(&catalogue, hour.location_id),
        resource_type: type_name(&catalogue, hour.resource_type_id),
        weekday: weekday(hour.weekday),
        hour: hour.hour,
        booked_minutes: minutes.booked,
        open_minutes: minutes.open,
        percent: minutes.percent(),
    });
    let mut response = csv(rows).map_err(|error| Failure::internal(&error))?.into_response();
    let headers = response.headers_mut();
    headers.insert(
        header::CONTENT_TYPE,
        HeaderValue::from_static("text/csv; charset=utf-8"),
    );
    let days = measured.days;
    let name = format!("attachment; filename=\"occupancy-{}-{}.csv\"", days.start, days.last());
    if let Ok(disposition) = HeaderValue::from_str(&name) {
        headers.insert(header::CONTENT_DISPOSITION, disposition);
    }
    Ok(response)
}

fn text(id: Option<impl ToString>) -> String {
    id.map_or_else(String::new, |id| id.to_string())
}

fn chooser(catalogue: &Catalogue) -> Form {
    Form::get(HERE, "Show")
        .with(beside([
            choices::location_select(catalogue)
                .optional()
                .prompt("All locations")
                .value("")
                .into(),
            choices::type_select(catalogue)
                .optional()
                .prompt("All types")
                .value("")
                .into(),
        ]))
        .with(beside([
            Field::date("first_day", "First day").into(),
            Field::date("last_day", "Last day").into(),
        ]))
}

fn place_name(catalogue: &Catalogue, id: LocationId) -> &str {
    catalogue.locations.get(&id).map_or("", |place| place.name.as_str())
}

fn type_name(catalogue: &Catalogue, id: ResourceTypeId) -> &str {
    catalogue.resource_types.get(&id).map_or("", |kind| kind.name.as_str())
}

/// Monday is 1.
fn weekday(number: i8) -> &'static str {
    match Weekday::from_monday_one_offset(number) {
        Ok(Weekday::Tuesday) => "Tuesday",
        Ok(Weekday::Wednesday) => "Wednesday",
        Ok(Weekday::Thursday) => "Thursday",
        Ok(Weekday::Friday) => "Friday",
        Ok(Weekday::Saturday) => "Saturday",
        Ok(Weekday::Sunday) => "Sunday",
        Ok(Weekday::Monday) | Err(_) => "Monday",
    }
}

fn percent(minutes: Minutes) -> String {
    minutes
        .percent()
        .map_or_else(|| "closed".to_owned(), |percent| format!("{percent}\u{a0}%"))
}

fn tiles(measured: &Occupancy) -> Tiles {
    let total = measured.total();
    let mut tiles = vec![Tile {
        label: "Booked of what is open".to_owned(),
        value: percent(total).into(),
        note: format!("{} of {}", times::minutes(total.booked), times::minutes(total.open)),
        href: None,
    }];
    if measured.booked_while_closed > 0 {
        tiles.push(Tile {
            label: "Booked while closed".to_owned(),
            value: times::minutes(measured.booked_while_closed).into(),
            note: "the house was closed, or its hours changed, after it was booked; not in the figures".to_owned(),
            href: None,
        });
    }
    Tiles { tiles }
}

/// Monday to Sunday, from the first hour that is open anywhere to the last.
fn heat_map(measured: &Occupancy) -> HeatMap {
    let hours = measured.by(|hour| (hour.weekday, hour.hour));
    let of_day = || hours.keys().map(|(_, hour)| *hour);
    let (first, last) = (of_day().min().unwrap_or(0), of_day().max().unwrap_or(0));
    let rows = (1..=7)
        .map(|day| HeatRow {
            label: weekday(day).to_owned(),
            cells: (first..=last)
                .map(|hour| Heat {
                    percent: hours.get(&(day, hour)).and_then(|minutes| minutes.percent()),
                })
                .collect(),
        })
        .collect();
    let figures = hours
        .iter()
        .map(|((day, hour), minutes)| {
            vec![
                weekday(*day).to_owned(),
                format!("{hour:02}:00"),
                times::minutes(minutes.booked),
                times::minutes(minutes.open),
                percent(*minutes),
            ]
        })
        .collect();
    HeatMap::new(
        "week",
        "Booked share of open time, by weekday and hour",
        ("Weekday", "closed"),
        (first..=last).map(|hour| format!("{hour:02}")),
        rows,
    )
    .figures(["Weekday", "Hour", "Booked", "Open", "Share"], figures)
}

fn by_place_and_type(measured: &Occupancy, catalogue: &Catalogue) -> Table {
    let columns = [
        Column::text("Location"),
        Column::text("Type"),
        Column::number("Booked"),
        Column::number("Open"),
        Column::number("Share"),
    ];
    let mut table = Table::new("By location and type", columns);
    let sums: BTreeMap<(&str, &str), Minutes> = measured
        .by(|hour| (hour.location_id, hour.resource_type_id))
        .into_iter()
        .fold(BTreeMap::new(), |mut sums, ((place, kind), minutes)| {
            // Two houses of one name would be one row to whoever reads it.
            *sums
                .entry((place_name(catalogue, place), type_name(catalogue, kind)))
                .or_default() += minutes;
            sums
        });
    for ((place, kind), minutes) in sums {
        table.push([
            place.into(),
            kind.into(),
            times::minutes(minutes.booked).into(),
            times::minutes(minutes.open).into(),
            percent(minutes).into(),
        ]);
    }
    table
}

/// The months before and after, for the same place and type.
fn months(measured: &Occupancy, filter: &OccupancyFilter) -> Pagination {
    let first = measured.days.start.first_of_month();
    let link = |months: i32| {
        let month = month_name(first.saturating_add(months.months()));
        let query = [
            ("month", month),
            ("location_id", text(filter.location_id)),
            ("resource_type_id", text(filter.resource_type_id)),
        ];
        let query = serde_urlencoded::to_string(query).unwrap_or_default();
        Some(format!("{HERE}?{query}"))
    };
    Pagination {
        label: "Months".to_owned(),
        previous: link(-1),
        next: link(1),
    }
}
