//! The times at which a location is open, cut where the hour of its clock changes.

use super::WeekHour;
use crate::{
    LocationId, ResourceTypeId, catalogue::Catalogue, local_time, local_time::Hours, period::Days, refusal::Refusal,
};
use jiff::{
    Timestamp,
    civil::{DateTime, Time},
    tz::TimeZone,
};

const HOUR: i64 = 3600;
const DAY: i64 = 24 * HOUR;

/// The open times of some days, by start; instants are seconds of the epoch.
pub(super) struct Times {
    pub(super) slices: Vec<Slice>,
    /// The days themselves, `[from, until)`.
    pub(super) from: i64,
    pub(super) until: i64,
}

/// `[from, until)`, within one hour of the clock.
pub(super) struct Slice {
    pub(super) from: i64,
    pub(super) until: i64,
    weekday: i8,
    hour: i8,
}

impl Slice {
    pub(super) fn minutes(&self) -> i64 {
        (self.until - self.from) / 60
    }

    pub(super) fn hour(&self, location_id: LocationId, resource_type_id: ResourceTypeId) -> WeekHour {
        WeekHour {
            location_id,
            resource_type_id,
            weekday: self.weekday,
            hour: self.hour,
        }
    }
}

pub(super) fn times(place: LocationId, days: Days, catalogue: &Catalogue) -> Result<Times, Refusal> {
    let zone = catalogue.zone_of(place)?;
    let from = local_time::day_start(days.start, &zone)?.as_second();
    let until = local_time::day_start(days.end, &zone)?.as_second();
    let mut slices = Vec::new();
    let (mut at, mut change) = (from, from);
    while at < until {
        let Ok(instant) = Timestamp::from_second(at) else { break };
        if change <= at {
            change = next_change(instant, &zone).unwrap_or(until);
        }
        // Up to the next change of the clocks wall time and instants run alike.
        let wall = zone.to_datetime(instant);
        let next = (at + HOUR - second_of(wall) % HOUR).min(change).min(until);
        if let Some(hours) = catalogue.hours_on(place, wall.date())? {
            slices.extend(slice(wall, (at, next), hours));
        }
        at = next;
    }
    Ok(Times { slices, from, until })
}

/// What of a stretch within one hour is open.
fn slice(wall: DateTime, (at, next): (i64, i64), hours: Hours) -> Option<Slice> {
    let midnight = at - second_of(wall);
    let closes = if hours.to == Time::midnight() {
        DAY
    } else {
        second(hours.to)
    };
    let from = at.max(midnight + second(hours.from));
    let until = next.min(midnight + closes);
    (from < until).then(|| Slice {
        from,
        until,
        weekday: wall.date().weekday().to_monday_one_offset(),
        hour: wall.hour(),
    })
}

fn next_change(after: Timestamp, zone: &TimeZone) -> Option<i64> {
    Some(zone.following(after).next()?.timestamp().as_second())
}

fn second_of(wall: DateTime) -> i64 {
    second(wall.time())
}

fn second(time: Time) -> i64 {
    i64::from(time.hour()) * HOUR + i64::from(time.minute()) * 60 + i64::from(time.second())
}
