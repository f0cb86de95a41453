//! Days on which a location is closed whatever its hours say, and what its hours are on a day.

use super::{ClosureLifted, LocationClosed};
use crate::{
    ClosureId, LocationId,
    catalogue::Catalogue,
    local_time::{Hours, OpeningHours},
    refusal::{Faults, Refusal},
    text,
};
use jiff::civil::{Date, DateTime, Time};

/// The longest closure; what lasts longer is a change of hours.
const MAX_DAYS: i32 = 366;

/// Closes a location on whole days.
///
/// # Errors
/// An unknown location, or all faulty fields at once.
pub fn close(
    id: ClosureId,
    location: LocationId,
    (first_day, last_day): (Date, Date),
    reason: &str,
    external_id: Option<&str>,
    catalogue: &Catalogue,
) -> Result<LocationClosed, Refusal> {
    catalogue.location(location)?;
    let mut faults = Faults::default();
    let reason = text::name(reason)
        .map_err(|message| faults.add("reason", message))
        .unwrap_or_default();
    faults.check(
        first_day <= last_day,
        "last_day",
        "The last day must not be before the first.",
    );
    faults.check(
        first_day > last_day || days_between(first_day, last_day) < MAX_DAYS,
        "last_day",
        "A closure lasts a year at most; for longer, change the opening hours.",
    );
    faults.finish()?;
    Ok(LocationClosed {
        closure_id: id,
        location_id: location,
        first_day,
        last_day,
        reason,
        external_id: external_id.map(ToOwned::to_owned),
    })
}

/// # Errors
/// When the location has no such closure, or it was lifted before.
pub fn lift(id: ClosureId, location: LocationId, catalogue: &Catalogue) -> Result<ClosureLifted, Refusal> {
    catalogue.location(location)?;
    if catalogue.lifted.contains(&id) {
        return Err(Refusal::conflict("already_open", "It is open on those days already."));
    }
    if catalogue.closures_of(location).all(|closure| closure.closure_id != id) {
        return Err(Refusal::not_found("unknown_closure", "There is no such closure."));
    }
    Ok(ClosureLifted {
        closure_id: id,
        location_id: location,
    })
}

fn days_between(first: Date, last: Date) -> i32 {
    first.until(last).map_or(i32::MAX, |span| span.get_days())
}

impl LocationClosed {
    pub fn covers(&self, day: Date) -> bool {
        (self.first_day..=self.last_day).contains(&day)
    }
}

impl Catalogue {
    /// Closures that stand, by first day.
    pub fn closures_of(&self, location: LocationId) -> impl Iterator<Item = &LocationClosed> {
        let mut closures: Vec<_> = self
            .closures
            .get(&location)
            .into_iter()
            .flat_map(|all| all.values())
            .collect();
        closures.sort_by_key(|closure| (closure.first_day, closure.closure_id));
        closures.into_iter()
    }

    /// Why a location is closed on a day against its hours.
    pub fn closure_on(&self, location: LocationId, day: Date) -> Option<&LocationClosed> {
        self.closures
            .get(&location)?
            .values()
            .filter(|closure| closure.covers(day))
            .min_by_key(|closure| closure.closure_id)
    }

    /// Opening hours of a day; `None` is closed.
    ///
    /// # Errors
    /// When the location is unknown.
    pub fn hours_on(&self, location: LocationId, day: Date) -> Result<Option<Hours>, Refusal> {
        let hours = self.location(location)?.hours.on(day.weekday());
        Ok(hours.filter(|_| self.closure_on(location, day).is_none()))
    }

    /// Refuses a time, `[start, end)` on the wall, at which the location is not open.
    ///
    /// # Errors
    /// Outside its hours, or on a day on which it is closed; the sentence names the next day on which it opens.
    pub fn check_open(&self, location: LocationId, start: DateTime, end: DateTime) -> Result<(), Refusal> {
        let place = self.location(location)?;
        // A time that ends at midnight does not touch the next day.
        let last = if end.time() == Time::midnight() {
            end.date().yesterday().unwrap_or(end.date())
        } else {
            end.date()
        };
        let closure = [start.date(), last]
            .into_iter()
            .find_map(|day| self.closure_on(location, day));
        if let Some(closure) = closure {
            let again = self.opens_after(location, &place.hours, closure.last_day);
            let again = again.map_or_else(String::new, |day| {
                format!(" It opens again on {}.", day.strftime("%-d %B %Y"))
            });
            let sentence = format!("{} is closed then: {}.{again}", place.name, closure.reason);
            return Err(Refusal::field("location_closed", "starts_at", sentence).with("reason", closure.reason.clone()));
        }
        if !place.hours.cover(start, end) {
            let sentence = format!("{} is open {} ({}).", place.name, place.hours, place.time_zone);
            return Err(Refusal::field("outside_opening_hours", "starts_at", sentence));
        }
        Ok(())
    }

    /// The first day after one on which the location opens, within two closures of a year.
    pub fn next_open_day(&self, location: LocationId, after: Date) -> Option<Date> {
        let hours = &self.locations.get(&location)?.hours;
        self.opens_after(location, hours, after)
    }

    fn opens_after(&self, location: LocationId, hours: &OpeningHours, day: Date) -> Option<Date> {
        let mut day = day;
        for _ in 0..2 * MAX_DAYS {
            day = day.tomorrow().ok()?;
            if hours.on(day.weekday()).is_some() && self.closure_on(location, day).is_none() {
                return Some(day);
            }
        }
        None
    }
}
