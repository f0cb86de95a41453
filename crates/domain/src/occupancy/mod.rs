//! How much of what is open is booked, by location, type, weekday and hour of the location's own clock.
//!
//! What is open are instants whose wall time lies within the hours: an hour that a clock change skips is not open, and
//! one that comes twice counts twice. Hours and rooms are those of the catalogue as it is now.

mod open;

use crate::{
    LocationId, ResourceId, ResourceTypeId,
    catalogue::Catalogue,
    period::{Days, monthly_cycle},
    refusal::Refusal,
};
use jiff::{Timestamp, civil::Date};
use std::collections::BTreeMap;

/// The longest time that is looked at.
const MAX_DAYS: i64 = 366;

/// What is looked at; an absent field asks for all.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Wanted {
    pub days: Days,
    pub location_id: Option<LocationId>,
    pub resource_type_id: Option<ResourceTypeId>,
}

/// The time of a booking that stands, `[start, end)`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Booked {
    pub resource_id: ResourceId,
    pub starts_at: Timestamp,
    pub ends_at: Timestamp,
}

/// One hour of one weekday, for one type at one location.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct WeekHour {
    pub location_id: LocationId,
    pub resource_type_id: ResourceTypeId,
    /// Monday is 1, Sunday 7.
    pub weekday: i8,
    /// 0 to 23 on the location's clock.
    pub hour: i8,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Minutes {
    pub booked: i64,
    /// Of all rooms and desks together.
    pub open: i64,
}

/// The figures of some days.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Occupancy {
    pub days: Days,
    /// Every hour that is open at all.
    pub hours: BTreeMap<WeekHour, Minutes>,
    /// Booked on these days at times that the hours of today leave closed: the hours changed, or the house was closed
    /// after somebody had booked.
    pub booked_while_closed: i64,
}

/// The last month that is over.
pub fn last_month(today: Date) -> Days {
    let last_day = today.first_of_month().yesterday().unwrap_or(today);
    monthly_cycle(last_day, 1)
}

/// The days that were asked for: a month by its name such as `2026-01`, or a first and a last day; else the last month
/// that is over.
///
/// # Errors
/// A month that is none, one day without the other, days in the wrong order or more than a year of them.
pub fn chosen_days(month: &str, first_day: Option<Date>, last_day: Option<Date>, today: Date) -> Result<Days, Refusal> {
    let days = match (month.trim(), first_day, last_day) {
        ("", None, None) => last_month(today),
        ("", Some(start), Some(last)) => Days {
            start,
            end: last.tomorrow().unwrap_or(last),
        },
        ("", Some(_), None) => return Err(one_without_the_other("last_day")),
        ("", None, Some(_)) => return Err(one_without_the_other("first_day")),
        (month, None, None) => {
            let first: Result<Date, _> = format!("{month}-01").parse();
            let first = first.map_err(|_| Refusal::field("no_month", "month", "Write a month such as 2026-01."))?;
            monthly_cycle(first, 1)
        }
        _ => {
            let sentence = "Ask for a month, or for a first and a last day.";
            return Err(Refusal::field("month_and_days", "month", sentence));
        }
    };
    check(days)?;
    Ok(days)
}

fn one_without_the_other(absent: &str) -> Refusal {
    Refusal::field(
        "one_day_alone",
        absent,
        "Give the first and the last day, or neither of them.",
    )
}

fn check(days: Days) -> Result<(), Refusal> {
    if days.count() == 0 {
        let sentence = "The last day must not be before the first.";
        return Err(Refusal::field("days_reversed", "last_day", sentence));
    }
    if days.count() > MAX_DAYS {
        let sentence = format!("At most {MAX_DAYS} days are looked at together.");
        return Err(Refusal::field("too_many_days", "last_day", sentence));
    }
    Ok(())
}

/// Counts what is booked against what is open. `booked` may hold more than what is wanted; cancelled bookings are left
/// out by whoever calls.
///
/// # Errors
/// An unknown location or type, more than a year.
pub fn measure(wanted: Wanted, booked: &[Booked], catalogue: &Catalogue) -> Result<Occupancy, Refusal> {
    check(wanted.days)?;
    if let Some(kind) = wanted.resource_type_id {
        catalogue.resource_type(kind)?;
    }
    let places: Vec<LocationId> = match wanted.location_id {
        Some(id) => vec![catalogue.location(id)?.location_id],
        None => catalogue.locations.keys().copied().collect(),
    };
    let mut occupancy = Occupancy {
        days: wanted.days,
        hours: BTreeMap::new(),
        booked_while_closed: 0,
    };
    for place in places {
        let open = open::times(place, wanted.days, catalogue)?;
        let mut rooms: BTreeMap<ResourceTypeId, i64> = BTreeMap::new();
        let here = catalogue.resources.values().filter(|room| room.location_id == place);
        for room in here.filter(|room| wanted.resource_type_id.is_none_or(|kind| kind == room.resource_type_id)) {
            *rooms.entry(room.resource_type_id).or_default() += 1;
        }
        for (kind, count) in &rooms {
            for slice in &open.slices {
                occupancy.at(slice.hour(place, *kind)).open += slice.minutes() * count;
            }
        }
        for booking in booked {
            let room = catalogue.resources.get(&booking.resource_id);
            let Some(room) = room.filter(|room| room.location_id == place) else {
                continue;
            };
            if rooms.contains_key(&room.resource_type_id) {
                occupancy.add(booking, place, room.resource_type_id, &open);
            }
        }
    }
    Ok(occupancy)
}

impl Minutes {
    /// Booked of a hundred, rounded half up; `None` where nothing is open.
    pub fn percent(self) -> Option<i64> {
        (self.open > 0).then(|| (self.booked * 200 + self.open) / (self.open * 2))
    }
}

impl std::ops::AddAssign for Minutes {
    fn add_assign(&mut self, other: Self) {
        self.booked += other.booked;
        self.open += other.open;
    }
}

impl Occupancy {
    fn at(&mut self, hour: WeekHour) -> &mut Minutes {
        self.hours.entry(hour).or_default()
    }

    fn add(&mut self, booking: &Booked, place: LocationId, kind: ResourceTypeId, open: &open::Times) {
        let (start, end) = (booking.starts_at.as_second(), booking.ends_at.as_second());
        let mut within = 0;
        let first = open.slices.partition_point(|slice| slice.until <= start);
        for slice in open.slices[first..].iter().take_while(|slice| slice.from < end) {
            let minutes = (end.min(slice.until) - start.max(slice.from)) / 60;
            self.at(slice.hour(place, kind)).booked += minutes;
            within += minutes;
        }
        let on_these_days = (end.min(open.until) - start.max(open.from)).max(0) / 60;
        self.booked_while_closed += on_these_days - within;
    }

    pub fn total(&self) -> Minutes {
        self.by(|_| ()).remove(&()).unwrap_or_default()
    }

    /// The figures summed by some part of the hour, such as its weekday.
    pub fn by<K: Ord>(&self, part: impl Fn(&WeekHour) -> K) -> BTreeMap<K, Minutes> {
        let mut sums: BTreeMap<K, Minutes> = BTreeMap::new();
        for (hour, minutes) in &self.hours {
            *sums.entry(part(hour)).or_default() += *minutes;
        }
        sums
    }
}

#[cfg(test)]
mod tests;
