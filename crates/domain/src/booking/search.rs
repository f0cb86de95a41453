//! Where a booking of some length fits: windows of starts, resource by resource and day by day.

use crate::{
    LocationId, ResourceId, ResourceTypeId,
    catalogue::Catalogue,
    local_time::{self, Hours, OpeningHours},
    refusal::{Faults, Refusal},
    resource::ResourceAdded,
};
use jiff::{
    SignedDuration, Timestamp, ToSpan,
    civil::{Date, DateTime, Time},
    tz::TimeZone,
};

/// The most days that are looked through at once.
pub const MAX_DAYS: i32 = 14;

/// What somebody looks for. What is absent does not matter.
#[derive(Debug, Clone, PartialEq)]
pub struct Search {
    pub first_day: Date,
    pub last_day: Date,
    /// Within these hours of a day; an end at midnight is the end of the day.
    pub hours: Hours,
    pub minutes: i64,
    pub capacity: i32,
    pub amenities: Vec<String>,
    pub location: Option<LocationId>,
    pub resource_type: Option<ResourceTypeId>,
}

impl Search {
    /// # Errors
    /// All faulty fields at once.
    pub fn check(&self) -> Result<(), Refusal> {
        let days = self
            .first_day
            .until(self.last_day)
            .map_or(i32::MAX, |span| span.get_days());
        let mut faults = Faults::default();
        faults.check(days >= 0, "last_day", "The last day must not be before the first.");
        faults.check(
            days < MAX_DAYS,
            "last_day",
            format!("Please look through {MAX_DAYS} days at a time."),
        );
        faults.check(
            (5..=24 * 60).contains(&self.minutes),
            "minutes",
            "Please give 5 minutes to 24 hours.",
        );
        faults.check(
            self.hours.to == Time::midnight() || self.hours.from < self.hours.to,
            "until",
            "The hours must end after they begin.",
        );
        faults.check(
            (0..=10_000).contains(&self.capacity),
            "capacity",
            "Please give a number of people.",
        );
        faults.finish()
    }

    /// The resources that would do, by name.
    pub fn resources<'a>(&self, catalogue: &'a Catalogue) -> Vec<&'a ResourceAdded> {
        let wanted: Vec<String> = self.amenities.iter().map(|name| name.trim().to_lowercase()).collect();
        let mut fitting: Vec<_> = catalogue
            .resources
            .values()
            .filter(|resource| {
                let has = catalogue.terms_of(resource.resource_id).amenities;
                self.location.is_none_or(|place| place == resource.location_id)
                    && self.resource_type.is_none_or(|kind| kind == resource.resource_type_id)
                    && resource.capacity >= self.capacity
                    && (i64::from(resource.min_minutes)..=i64::from(resource.max_minutes)).contains(&self.minutes)
                    && self.minutes % i64::from(resource.step_minutes.max(1)) == 0
                    && wanted.iter().all(|name| has.contains(name))
            })
            .collect();
        fitting.sort_by(|a, b| (&a.name, a.resource_id).cmp(&(&b.name, b.resource_id)));
        fitting
    }
}

/// Starts at which it fits, every step from the first to the last, in wall time of the house.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Window {
    pub resource_id: ResourceId,
    pub first_start: DateTime,
    pub last_start: DateTime,
}

impl Window {
    /// What is left of it where a plan lets its members in at some hours only; `step_minutes` is the resource's.
    #[must_use]
    pub fn in_access(self, access: &OpeningHours, minutes: i64, step_minutes: i32) -> Option<Self> {
        let day = self.first_start.date();
        let hours = access.on(day.weekday())?;
        let closes = if hours.to == Time::midnight() {
            day.tomorrow().ok()?.to_datetime(Time::midnight())
        } else {
            day.to_datetime(hours.to)
        };
        let grid = i64::from(step_minutes.clamp(1, 60));
        let past = |at: DateTime| i64::from(at.minute()) % grid;
        let mut first = self.first_start.max(day.to_datetime(hours.from));
        if past(first) > 0 {
            first = first.checked_add((grid - past(first)).minutes()).ok()?;
        }
        let last = self.last_start.min(closes.checked_sub(minutes.minutes()).ok()?);
        let last = last.checked_sub(past(last).minutes()).ok()?;
        (first <= last).then_some(Self {
            first_start: first,
            last_start: last,
            ..self
        })
    }
}

/// The windows of one resource, whose taken times (buffers included) are given by start.
///
/// # Errors
/// When its location or zone is unknown.
pub fn windows(
    search: &Search,
    resource: &ResourceAdded,
    taken: &[(Timestamp, Timestamp)],
    now: Timestamp,
    catalogue: &Catalogue,
) -> Result<Vec<Window>, Refusal> {
    let zone = catalogue.zone_of(resource.location_id)?;
    let terms = catalogue.terms_of(resource.resource_id);
    let soonest = later(now, i64::from(terms.lead_minutes));
    let latest = later(now, i64::from(terms.horizon_days) * 24 * 60);
    let (before, after) = (
        i64::from(resource.buffer_before_minutes),
        i64::from(resource.buffer_after_minutes),
    );
    let mut found = Vec::new();
    let mut day = search.first_day;
    while day <= search.last_day {
        if let Some(open) = catalogue.hours_on(resource.location_id, day)? {
            let (opens, closes) = span_of(day, within(open, search.hours), &zone)?;
            let mut from = opens.max(soonest);
            let ends = taken.iter().map(|(begins, ends)| (*begins, Some(*ends)));
            for (begins, ends) in ends.chain([(Timestamp::MAX, None)]) {
                // Another booking needs its own buffers beside what is taken.
                let until = closes.min(later(begins, -after));
                let last = later(until, -search.minutes).min(latest);
                found.extend(window(resource, (from, last), &zone));
                match ends {
                    Some(ends) => from = from.max(later(ends, before)),
                    None => break,
                }
            }
        }
        day = match day.tomorrow() {
            Ok(next) => next,
            Err(_) => break,
        };
    }
    Ok(found)
}

fn later(at: Timestamp, minutes: i64) -> Timestamp {
    let end = if minutes < 0 { Timestamp::MIN } else { Timestamp::MAX };
    at.checked_add(SignedDuration::from_mins(minutes)).unwrap_or(end)
}

fn within(open: Hours, wanted: Hours) -> Hours {
    let to = match (open.to, wanted.to) {
        (open, wanted) if wanted == Time::midnight() => open,
        (open, wanted) if open == Time::midnight() => wanted,
        (open, wanted) => open.min(wanted),
    };
    Hours {
        from: open.from.max(wanted.from),
        to,
    }
}

/// A time that the clocks skip counts as the one that they jump to.
fn span_of(day: Date, hours: Hours, zone: &TimeZone) -> Result<(Timestamp, Timestamp), Refusal> {
    let at = |wall: DateTime| {
        let out_of_range = |_| Refusal::field("time_out_of_range", "first_day", "That date is out of range.");
        zone.to_ambiguous_timestamp(wall).compatible().map_err(out_of_range)
    };
    let closes = if hours.to == Time::midnight() {
        local_time::day_start(day.tomorrow().unwrap_or(day), zone)?
    } else {
        at(day.to_datetime(hours.to))?
    };
    Ok((at(day.to_datetime(hours.from))?, closes))
}

/// The steps between two instants, if there is one.
fn window(resource: &ResourceAdded, (from, last): (Timestamp, Timestamp), zone: &TimeZone) -> Option<Window> {
    // Most gaps are too short, and wall time is costly.
    if from > last {
        return None;
    }
    let grid = i64::from(resource.step_minutes.clamp(1, 60));
    let seconds_past = |at: Timestamp| {
        let wall = zone.to_datetime(at);
        let minutes = i64::from(wall.minute()) % grid;
        minutes * 60 + i64::from(wall.second())
    };
    let past = seconds_past(from);
    let first = if past == 0 {
        from
    } else {
        from.checked_add((grid * 60 - past).seconds()).ok()?
    };
    if first > last {
        return None;
    }
    let last = last.checked_sub(seconds_past(last).seconds()).ok()?;
    // The second pass of a doubled hour has no wall time of its own.
    let named =
        |at: Timestamp| local_time::instant("starts_at", zone.to_datetime(at), zone).is_ok_and(|read| read == at);
    let mut first = first;
    while first <= last && !named(first) {
        first = first.checked_add((grid * 60).seconds()).ok()?;
    }
    (first <= last).then(|| Window {
        resource_id: resource.resource_id,
        first_start: zone.to_datetime(first),
        last_start: zone.to_datetime(last),
    })
}
