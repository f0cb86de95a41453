//! What an operator wants to know when she opens the door.

use axum::{
    extract::Query,
    response::{IntoResponse as _, Redirect, Response},
};
use coterie_app::{
    booking::page::BookingRow,
    payment::page::PaymentRow,
    projections,
    today::{self, LocationToday, Today},
};
use coterie_domain::LocationId;
use jiff::tz::TimeZone;
use serde::Deserialize;

use super::{
    booking_table, choices,
    desk::Desk,
    form::Form,
    passes, set_up,
    sheet::{Html, Sheet},
    times,
};
use crate::{
    components::{Bar, BarChart, Column, EmptyState, Link, Money, Table, Tile, Tiles},
    failure::Failure,
};

pub(super) const HERE: &str = "/operator";

/// Which location; all of them where none is named.
#[derive(Deserialize)]
pub(super) struct Asked {
    location: Option<String>,
}

/// The day. A chain without any location sees first what it lacks.
pub(super) async fn show(desk: Desk, Query(asked): Query<Asked>) -> Result<Response, Failure> {
    let catalogue = desk.catalogue().await?;
    if !set_up::begun(&catalogue) {
        return Ok(Redirect::to("/operator/set-up").into_response());
    }
    desk.caught_up(&projections::ALL).await?;
    let location = match asked.location.as_deref().filter(|text| !text.is_empty()) {
        Some(text) => Some(text.parse::<LocationId>().map_err(|_| Failure::not_found())?),
        None => None,
    };
    let today = today::today(&desk.house.app, desk.tenant(), location).await?;
    let mut sheet = Sheet::new(&desk, "Today")
        .action("Book for a member", "/operator/bookings/new")
        .action("Add a member", "/operator/members/new");
    for warning in warnings(&today) {
        sheet = sheet.part(&warning);
    }
    sheet = sheet.part(&tiles(&today, desk.finances()));
    if !today.requests.is_empty() {
        sheet = sheet.part(&booking_table::with_days(
            &today.requests,
            "Asked for, waiting for your answer",
        )?);
    }
    if catalogue.locations.len() > 1 {
        let select = choices::location_select_as("location", &catalogue)
            .optional()
            .prompt("All locations")
            .value(location.map_or_else(String::new, |id| id.to_string()));
        sheet = sheet.part(&Form::get(HERE, "Show").with(select));
    }
    if today.locations.iter().all(|place| place.bookings.is_empty()) {
        let empty = EmptyState::new("Nothing booked today", "What members book appears here.")
            .action("Book for a member", "/operator/bookings/new");
        sheet = sheet.part(&empty);
    } else {
        sheet = sheet.part(&chart(&today));
        // A place without bookings has its tile above, which says so.
        for place in today.locations.iter().filter(|place| !place.bookings.is_empty()) {
            sheet = sheet.part(&day_of(place));
        }
    }
    if !today.failed_payments.is_empty() {
        sheet = sheet.part(&failed(&today.failed_payments, desk.finances()));
    }
    Ok(sheet.show())
}

/// What the house itself has trouble with.
fn warnings(today: &Today) -> Vec<Html> {
    let mut warnings = Vec::new();
    for parked in &today.parked {
        warnings.push(Html::warning(&format!(
            "The model “{}” stands still at event {}: {}",
            parked.projection, parked.position, parked.reason
        )));
    }
    if !today.lagging.is_empty() {
        let behind: Vec<_> = today
            .lagging
            .iter()
            .map(|(model, events)| format!("{model} by {events}"))
            .collect();
        warnings.push(Html::warning(&format!(
            "These figures are a little behind what happened: {} events. They catch up by themselves.",
            behind.join(", ")
        )));
    }
    warnings
}

fn tiles(today: &Today, finances: bool) -> Tiles {
    let mut tiles = Vec::new();
    for place in &today.locations {
        let id = place.location.location_id;
        let more = if place.more_bookings { "+" } else { "" };
        tiles.push(Tile {
            label: place.location.name.clone(),
            value: format!("{}{more}", place.bookings.len()).into(),
            note: format!(
                "booked today; {} of {} free now, {} ({})",
                place.free_now,
                place.resources,
                place.now_local.strftime("%a %H:%M"),
                place.location.time_zone
            ),
            href: Some(format!("/operator/bookings?location={id}&date={}", place.date)),
        });
    }
    for place in &today.locations {
        let Some(passes) = place.passes else { continue };
        tiles.push(Tile {
            label: format!("Day passes, {}", place.location.name),
            value: format!("{} of {}", passes.sold, passes.capacity).into(),
            note: format!("sold for today, {} left", passes.left()),
            href: Some(passes::address(place.location.location_id, place.date)),
        });
    }
    tiles.push(Tile {
        label: "Members".to_owned(),
        value: today.members.to_string().into(),
        note: format!("{} active memberships", today.active_memberships),
        href: Some("/operator/members".to_owned()),
    });
    for open in &today.open_invoices {
        tiles.push(Tile {
            label: "Open invoices".to_owned(),
            value: open.count.to_string().into(),
            note: format!(
                "{} to come",
                Money::new(open.open.minor, open.open.currency.code()).text()
            ),
            href: finances.then(|| "/finance/invoices".to_owned()),
        });
    }
    tiles.push(Tile {
        label: "Failed payments".to_owned(),
        value: today.failed_payments.len().to_string().into(),
        note: if today.failed_payments.is_empty() {
            "none".to_owned()
        } else {
            "listed below".to_owned()
        },
        href: finances.then(|| "/finance/payments?state=failed".to_owned()),
    });
    Tiles { tiles }
}

/// Bookings by location, or by hour where there is one location.
fn chart(today: &Today) -> BarChart {
    if let [place] = today.locations.as_slice() {
        return by_hour(place);
    }
    let bars = today
        .locations
        .iter()
        .map(|place| {
            let count = i64::try_from(place.bookings.len()).unwrap_or(i64::MAX);
            let short: String = place.location.name.chars().take(12).collect();
            Bar::new(short, count, format!("{count} bookings at {}", place.location.name))
        })
        .collect();
    BarChart::new(
        "by-location",
        "Bookings today, by location",
        ("Location", "Bookings"),
        bars,
    )
}

/// How many rooms and desks are in use in each hour in which one is.
fn by_hour(place: &LocationToday) -> BarChart {
    let hours = hours_in_use(&place.bookings, &place.zone, place.date);
    let bars = hours
        .into_iter()
        .map(|(hour, count)| Bar::new(format!("{hour:02}"), count, count.to_string()))
        .collect();
    let title = format!("In use today, by hour ({})", place.location.time_zone);
    BarChart::new("by-hour", title, ("Hour", "Rooms and desks in use"), bars)
}

/// From the first hour with a booking to the last, wall time.
fn hours_in_use(bookings: &[BookingRow], zone: &TimeZone, date: jiff::civil::Date) -> Vec<(i8, i64)> {
    let spans: Vec<(i8, i8)> = bookings
        .iter()
        .map(|booking| {
            let start = zone.to_datetime(booking.starts_at);
            // The hour that the last moment falls into.
            let end = zone.to_datetime(booking.ends_at - jiff::SignedDuration::from_secs(1));
            let first = if start.date() < date { 0 } else { start.hour() };
            let last = if end.date() > date { 23 } else { end.hour() };
            (first, last)
        })
        .collect();
    let (Some(first), Some(last)) = (
        spans.iter().map(|span| span.0).min(),
        spans.iter().map(|span| span.1).max(),
    ) else {
        return Vec::new();
    };
    (first..=last)
        .map(|hour| {
            let count = spans.iter().filter(|(from, to)| (*from..=*to).contains(&hour)).count();
            (hour, i64::try_from(count).unwrap_or(i64::MAX))
        })
        .collect()
}

fn day_of(place: &LocationToday) -> Table {
    let caption = format!(
        "{}, {}. Times in {}",
        place.location.name,
        times::day(place.date),
        place.location.time_zone
    );
    booking_table::of_day(&place.bookings, &caption, &place.zone)
}

fn failed(payments: &[PaymentRow], finances: bool) -> Table {
    let columns = [
        Column::text("Invoice"),
        Column::text("Of"),
        Column::number("Amount"),
        Column::text("Why"),
        Column::text("When (UTC)"),
    ];
    let mut table = Table::new("Failed payments", columns);
    for payment in payments {
        let number = if finances {
            Link::new(
                &payment.invoice_number,
                format!("/finance/invoices/{}", payment.invoice_id),
            )
            .into()
        } else {
            payment.invoice_number.clone().into()
        };
        table.push([
            number,
            payment.buyer_name.clone().into(),
            Money::new(payment.amount.minor, payment.amount.currency.code()).into(),
            payment
                .failure
                .as_ref()
                .map_or_else(String::new, |failure| failure.message.clone())
                .into(),
            times::moment(payment.changed_at, &TimeZone::UTC).into(),
        ]);
    }
    table
}
