//! A day's reservations as the grid shows them.

use coterie_app::booking::page::{BookingDay, Busy, BusyWith, ResourceDay};
use coterie_domain::local_time;
use jiff::{
    Timestamp, ToSpan as _,
    civil::{DateTime, Time},
};

use super::{money, when, who::Me};
use crate::{
    components::{DayGrid, GridResource, Occupancy, Occupied},
    failure::Failure,
};

/// The grid of a day; `None` when it is closed or there is nothing to book. `here` is the page's address, to which a free
/// half hour adds its resource and start.
pub(super) fn grid(me: &Me, day: &BookingDay, here: &str) -> Result<Option<DayGrid>, Failure> {
    let Some(open) = day.hours.filter(|_| !day.rows.is_empty()) else {
        return Ok(None);
    };
    let at = |wall: DateTime| day.zone.to_ambiguous_timestamp(wall).compatible().ok();
    let closes = if open.to == Time::midnight() {
        local_time::day_start(day.date.saturating_add(1.day()), &day.zone)?
    } else {
        at(day.date.to_datetime(open.to)).unwrap_or(me.now)
    };
    let opens = at(day.date.to_datetime(open.from)).unwrap_or(me.now);
    let resources = day
        .rows
        .iter()
        .map(|row| resource(me, row, (opens, closes), here))
        .collect();
    let caption = format!("{} on {}", day.location.name, when::day(day.date));
    Ok(Some(DayGrid::new(
        "day",
        caption,
        &day.zone,
        (opens, closes),
        me.now,
        resources,
    )))
}

fn resource(me: &Me, row: &ResourceDay, (opens, closes): (Timestamp, Timestamp), here: &str) -> GridResource {
    let mut occupied: Vec<_> = row.busy.iter().flat_map(|busy| taken(me, busy)).collect();
    let price = if let Some(rule) = &row.price {
        let each = if rule.per_seat { " for each" } else { "" };
        let included = if rule.tax_included { " incl. VAT" } else { "" };
        format!("{} an hour{each}{included}", money(rule.per_hour).text())
    } else {
        occupied.push(closed(opens, closes, "No price yet"));
        "no price yet".to_owned()
    };
    GridResource {
        name: row.resource.name.clone(),
        detail: format!("{}, {}, {price}", row.type_name, people(row.resource.capacity)),
        book_href: row
            .price
            .as_ref()
            .map(|_| format!("{here}&resource={}", row.resource.resource_id)),
        occupied,
    }
}

/// Her own bookings are links; of others nobody learns more than that the time is taken.
fn taken(me: &Me, busy: &Busy) -> Vec<Occupied> {
    let booking_id = match &busy.what {
        BusyWith::Blocker { reason, .. } => return vec![closed(busy.blocked_from, busy.blocked_until, reason)],
        BusyWith::Assignment { member_id, .. } => {
            let yours = *member_id == me.member.member_id;
            let label = if yours { "Yours" } else { "Somebody's own" };
            return vec![closed(busy.blocked_from, busy.blocked_until, label)];
        }
        BusyWith::Booking {
            booking_id, member_id, ..
        } if *member_id == me.member.member_id => booking_id,
        BusyWith::Booking { .. } => {
            return vec![Occupied {
                start: busy.blocked_from,
                end: busy.blocked_until,
                occupancy: Occupancy::Busy,
                label: "Booked".to_owned(),
                href: None,
            }];
        }
    };
    let mut parts = vec![Occupied {
        start: busy.starts_at,
        end: busy.ends_at,
        occupancy: Occupancy::Mine,
        label: "Yours".to_owned(),
        href: Some(format!("/bookings/{booking_id}")),
    }];
    if busy.blocked_from < busy.starts_at {
        parts.push(closed(busy.blocked_from, busy.starts_at, "Set-up"));
    }
    if busy.ends_at < busy.blocked_until {
        parts.push(closed(busy.ends_at, busy.blocked_until, "Clean-up"));
    }
    parts
}

fn closed(start: Timestamp, end: Timestamp, label: &str) -> Occupied {
    Occupied {
        start,
        end,
        occupancy: Occupancy::Closed,
        label: label.to_owned(),
        href: None,
    }
}

/// `1 person`, `8 people`
pub(super) fn people(capacity: i32) -> String {
    let noun = if capacity == 1 { "person" } else { "people" };
    format!("{capacity} {noun}")
}
