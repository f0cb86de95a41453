//! Wall time at a location and instants. A wall time that does not exist is refused with the next valid one named; a
//! doubled one is taken as the earlier.

use crate::refusal::Refusal;
use jiff::{
    Timestamp, ToSpan,
    civil::{Date, DateTime, Time, Weekday},
    tz::{AmbiguousOffset, TimeZone},
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// # Errors
/// When the name is not an IANA zone.
pub fn zone(name: &str) -> Result<TimeZone, Refusal> {
    // "Local" style names and POSIX strings are not IANA names; jiff accepts only database names here.
    TimeZone::get(name.trim()).map_err(|_| {
        Refusal::field(
            "unknown_time_zone",
            "time_zone",
            format!("\u{201c}{name}\u{201d} is not an IANA time zone such as Europe/Berlin."),
        )
    })
}

/// The instant of a wall time in a zone.
///
/// # Errors
/// A wall time skipped by a clock change, with the next valid one in the sentence and in `next_valid`.
pub fn instant(field: &str, wall: DateTime, zone: &TimeZone) -> Result<Timestamp, Refusal> {
    let ambiguous = zone.to_ambiguous_timestamp(wall);
    let out_of_range = |_| Refusal::field("time_out_of_range", field, "That date is out of range.");
    if let AmbiguousOffset::Gap { after, .. } = ambiguous.offset() {
        let shifted = ambiguous.later().map_err(out_of_range)?;
        let next = clock_change_up_to(shifted, zone)
            .map_or_else(|| after.to_datetime(shifted), |change| zone.to_datetime(change));
        let sentence = format!(
            "{} does not exist in {}: the clocks go forward. The next valid time is {}.",
            wall.strftime("%H:%M on %-d %B %Y"),
            zone.iana_name().unwrap_or("this zone"),
            // A zone that skips a whole day (Apia, 2011) has its next valid time on another date: then it is named too.
            next.strftime(if next.date() == wall.date() {
                "%H:%M"
            } else {
                "%H:%M on %-d %B %Y"
            }),
        );
        return Err(Refusal::field("wall_time_does_not_exist", field, sentence)
            .with("next_valid", next.strftime("%Y-%m-%dT%H:%M").to_string()));
    }
    ambiguous.earlier().map_err(out_of_range)
}

/// The instant at which a gap's clocks went forward, given the later reading of a wall time inside it: that reading lies
/// at the change or past it.
fn clock_change_up_to(shifted: Timestamp, zone: &TimeZone) -> Option<Timestamp> {
    // `preceding` leaves its own instant out, hence the second more.
    let change = zone.preceding(shifted.checked_add(1.second()).ok()?).next()?;
    Some(change.timestamp())
}

/// The civil day at an instant in a zone.
pub fn day_at(instant: Timestamp, zone: &TimeZone) -> Date {
    zone.to_datetime(instant).date()
}

/// The first instant of a civil day in a zone (midnight, or the first moment after it where midnight is skipped).
///
/// # Errors
/// For days outside jiff's range.
pub fn day_start(day: Date, zone: &TimeZone) -> Result<Timestamp, Refusal> {
    let out_of_range = |_| Refusal::field("time_out_of_range", "date", "That date is out of range.");
    let midnight = zone.to_ambiguous_timestamp(day.to_datetime(Time::midnight()));
    if matches!(midnight.offset(), AmbiguousOffset::Gap { .. }) {
        // Where the skipped stretch begins before midnight (Toronto, 1919), the later reading would be too late.
        let shifted = midnight.later().map_err(out_of_range)?;
        return Ok(clock_change_up_to(shifted, zone).unwrap_or(shifted));
    }
    midnight.earlier().map_err(out_of_range)
}

/// Opening hours of one weekday, in wall time; `to` of 00:00 means the end of the day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Hours {
    pub from: Time,
    pub to: Time,
}

/// Opening hours by weekday, Monday first; `None` is closed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema, Default)]
pub struct OpeningHours(pub [Option<Hours>; 7]);

impl OpeningHours {
    pub fn on(&self, day: Weekday) -> Option<Hours> {
        let index = usize::try_from(day.to_monday_zero_offset()).unwrap_or(0);
        self.0.get(index).copied().flatten()
    }
    /// Whether `[start, end)` lies inside one day's hours.
    pub fn cover(&self, start: DateTime, end: DateTime) -> bool {
        let Some(hours) = self.on(start.weekday()) else {
            return false;
        };
        let midnight = Time::midnight();
        let closes = if hours.to == midnight {
            start.date().tomorrow().map(|day| day.to_datetime(midnight)).ok()
        } else {
            Some(start.date().to_datetime(hours.to))
        };
        start.time() >= hours.from && closes.is_some_and(|closes| end <= closes)
    }
    /// Reads "Mon-Fri 08:00-20:00; Sat 09:00-18:00".
    ///
    /// # Errors
    /// A sentence for the person who typed it.
    pub fn parse(text: &str) -> Result<Self, String> {
        const NAMES: [&str; 7] = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];
        let help = || "Write opening hours such as \u{201c}Mon-Fri 08:00-20:00; Sat 09:00-18:00\u{201d}.".to_owned();
        let mut week = Self::default();
        for part in text.split([';', ',']).map(str::trim).filter(|part| !part.is_empty()) {
            let (days, hours) = part.split_once(' ').ok_or_else(help)?;
            let (from, to) = hours.trim().split_once('-').ok_or_else(help)?;
            let time = |text: &str| Time::strptime("%H:%M", text.trim()).map_err(|_| help());
            let hours = Hours {
                from: time(from)?,
                to: if to.trim() == "24:00" {
                    Time::midnight()
                } else {
                    time(to)?
                },
            };
            if hours.to <= hours.from && hours.to != Time::midnight() {
                return Err("Closing time must be after opening time.".to_owned());
            }
            let position = |name: &str| {
                NAMES
                    .iter()
                    .position(|known| name.trim().to_lowercase() == *known)
                    .ok_or_else(help)
            };
            let (first, last) = match days.split_once('-') {
                Some((first, last)) => (position(first)?, position(last)?),
                None => (position(days)?, position(days)?),
            };
            if last < first {
                return Err(help());
            }
            // Naming a day twice would silently drop hours that someone meant.
            if week.0[first..=last].iter().any(Option::is_some) {
                return Err("Please name each day once, with one opening and one closing time.".to_owned());
            }
            week.0[first..=last].fill(Some(hours));
        }
        if week.0.iter().all(Option::is_none) {
            Err(help())
        } else {
            Ok(week)
        }
    }
}

impl std::fmt::Display for OpeningHours {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        const NAMES: [&str; 7] = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];
        let mut first = true;
        let mut index = 0;
        while index < 7 {
            let Some(hours) = self.0[index] else {
                index += 1;
                continue;
            };
            let mut last = index;
            while last < 6 && self.0[last + 1] == Some(hours) {
                last += 1;
            }
            let closes = if hours.to == Time::midnight() {
                "24:00".to_owned()
            } else {
                hours.to.strftime("%H:%M").to_string()
            };
            let separator = if first { "" } else { "; " };
            let days = if last == index {
                NAMES[index].to_owned()
            } else {
                format!("{}-{}", NAMES[index], NAMES[last])
            };
            write!(f, "{separator}{days} {}-{closes}", hours.from.strftime("%H:%M"))?;
            first = false;
            index = last + 1;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests;
