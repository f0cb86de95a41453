//! One day at one location: what can be booked when.

use coterie_app::booking::page::{self, BookingDay, BusyWith, ResourceDay};
use coterie_domain::LocationId;
use jiff::{
    Timestamp,
    civil::{Date, Time},
};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::{
    reading::{Id, Reading},
    reply::Answer,
    words::{Money, WallTime},
};
use crate::{failure::Failure, json::ApiJson};

#[derive(Debug, Serialize, ToSchema)]
pub struct Day {
    location_id: Uuid,
    date: Date,
    /// IANA zone of every wall time here.
    time_zone: String,
    /// Null when closed.
    opening: Option<Span>,
    /// Why it is closed against its usual hours.
    closed_because: Option<String>,
    /// By type and name.
    resources: Vec<ResourceOnDay>,
}

/// Wall times of the location, `[from, until)`.
#[derive(Debug, Serialize, ToSchema)]
pub struct Span {
    #[schema(value_type = String, example = "2026-01-22T08:00")]
    from: WallTime,
    #[schema(value_type = String, example = "2026-01-22T20:00")]
    until: WallTime,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct ResourceOnDay {
    resource_id: Uuid,
    resource_type_id: Uuid,
    name: String,
    /// Null when no price rule fits, and then it cannot be booked.
    per_hour: Option<Money>,
    /// Whether it is told with the tax in it; else it is net.
    tax_included: bool,
    /// Whether it is for each of those who come.
    per_seat: bool,
    bookings: Vec<BookedSpan>,
    out_of_service: Vec<BlockedSpan>,
    /// Whose own it is on this day.
    assigned: Vec<AssignedSpan>,
    /// What is left of the opening hours; a booking needs its own buffers beside it too.
    free: Vec<Span>,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct BlockedSpan {
    blocker_id: Uuid,
    reason: String,
    #[serde(flatten)]
    time: Span,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct AssignedSpan {
    assignment_id: Uuid,
    member_id: Uuid,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct BookedSpan {
    booking_id: Uuid,
    member_id: Uuid,
    #[serde(flatten)]
    time: Span,
    /// With the buffers of the resource.
    blocked: Span,
}

#[utoipa::path(get, path = "/v1/locations/{location_id}/days/{date}", tag = "bookings",
    params(("location_id" = Uuid, Path), ("date" = String, Path, description = "A day at the location", example = "2026-01-22")),
    responses((status = 200, description = "What is free and what is taken", body = Day)))]
pub async fn show(Id((location, date)): Id<(Uuid, Date)>, reading: Reading) -> Answer<Day> {
    // Reservations themselves are read, so there is no model to wait for.
    reading.settled(&[]).await?;
    let day = page::day(reading.app(), reading.tenant(), LocationId(location), date).await?;
    let opening = opening(&day)?;
    let resources = day.rows.iter().map(|row| on_day(&day, row, opening)).collect();
    Ok(ApiJson(Day {
        location_id: location,
        date,
        opening: opening.map(|(from, until)| span(&day, from, until)),
        resources,
        closed_because: day.closed_because,
        time_zone: day.location.time_zone,
    }))
}

fn opening(day: &BookingDay) -> Result<Option<(Timestamp, Timestamp)>, Failure> {
    let Some(hours) = day.hours else { return Ok(None) };
    let closing_day = if hours.to == Time::midnight() {
        day.date.tomorrow().unwrap_or(day.date)
    } else {
        day.date
    };
    // Hours that begin inside a skipped hour begin when the clocks have gone forward.
    let at = |wall| day.zone.to_ambiguous_timestamp(wall).compatible();
    let times =
        at(day.date.to_datetime(hours.from)).and_then(|from| Ok((from, at(closing_day.to_datetime(hours.to))?)));
    times.map(Some).map_err(|_| Failure::not_found())
}

fn span(day: &BookingDay, from: Timestamp, until: Timestamp) -> Span {
    Span {
        from: WallTime::at(from, &day.zone),
        until: WallTime::at(until, &day.zone),
    }
}

fn on_day(day: &BookingDay, row: &ResourceDay, opening: Option<(Timestamp, Timestamp)>) -> ResourceOnDay {
    let bookings = row.busy.iter().filter_map(|busy| match busy.what {
        BusyWith::Booking {
            booking_id, member_id, ..
        } => Some(BookedSpan {
            booking_id: booking_id.0,
            member_id: member_id.0,
            time: span(day, busy.starts_at, busy.ends_at),
            blocked: span(day, busy.blocked_from, busy.blocked_until),
        }),
        BusyWith::Blocker { .. } | BusyWith::Assignment { .. } => None,
    });
    let assigned = row.busy.iter().filter_map(|busy| match &busy.what {
        BusyWith::Assignment {
            assignment_id,
            member_id,
            ..
        } => Some(AssignedSpan {
            assignment_id: assignment_id.0,
            member_id: member_id.0,
        }),
        BusyWith::Booking { .. } | BusyWith::Blocker { .. } => None,
    });
    let out_of_service = row.busy.iter().filter_map(|busy| match &busy.what {
        BusyWith::Blocker { blocker_id, reason } => Some(BlockedSpan {
            blocker_id: blocker_id.0,
            reason: reason.clone(),
            time: span(day, busy.starts_at, busy.ends_at),
        }),
        BusyWith::Booking { .. } | BusyWith::Assignment { .. } => None,
    });
    let mut free = Vec::new();
    if let Some((mut from, until)) = opening {
        for busy in &row.busy {
            if from < busy.blocked_from.min(until) {
                free.push(span(day, from, busy.blocked_from.min(until)));
            }
            from = from.max(busy.blocked_until);
        }
        if from < until {
            free.push(span(day, from, until));
        }
    }
    ResourceOnDay {
        resource_id: row.resource.resource_id.0,
        resource_type_id: row.resource.resource_type_id.0,
        name: row.resource.name.clone(),
        per_hour: row.price.as_ref().map(|rule| rule.per_hour.into()),
        tax_included: row.price.as_ref().is_some_and(|rule| rule.tax_included),
        per_seat: row.price.as_ref().is_some_and(|rule| rule.per_seat),
        bookings: bookings.collect(),
        out_of_service: out_of_service.collect(),
        assigned: assigned.collect(),
        free,
    }
}
