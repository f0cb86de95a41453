//! Wall time at a location and instants. A wall time that does not exist is refused with the next valid one named; a
//! doubled one is taken as the earlier.

use crate::refusal::Refusal;
use jiff::{
    Timestamp,
    civil::{Date, DateTime, Time, Weekday},
    tz::{AmbiguousOffset, TimeZone},
};
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
        // The first wall time after the gap is where the later offset begins to hold.
        let transition = ambiguous.clone().later().map_err(out_of_range)?;
        let next = first_valid_after(wall, zone).unwrap_or_else(|| after.to_datetime(transition));
        let sentence = format!(
            "{} does not exist in {}: the clocks go forward. The next valid time is {}.",
            wall.strftime("%H:%M on %-d %B %Y"),
            zone.iana_name().unwrap_or("this zone"),
            next.strftime("%H:%M"),
        );
        return Err(Refusal::field("wall_time_does_not_exist", field, sentence)
            .with("next_valid", next.strftime("%Y-%m-%dT%H:%M").to_string()));
    }
    ambiguous.earlier().map_err(out_of_range)
}

fn first_valid_after(wall: DateTime, zone: &TimeZone) -> Option<DateTime> {
    // A gap's later reading lies past the transition by the gap's length; the transition itself is the first valid time.
    let later = zone.to_ambiguous_timestamp(wall).later().ok()?;
    let transition = zone.preceding(later).next()?;
    Some(zone.to_datetime(transition.timestamp()))
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
    day.to_zoned(zone.clone())
        .map(|zoned| zoned.timestamp())
        .map_err(|_| Refusal::field("time_out_of_range", "date", "That date is out of range."))
}

/// Opening hours of one weekday, in wall time; `to` of 00:00 means the end of the day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hours {
    pub from: Time,
    pub to: Time,
}

/// Opening hours by weekday, Monday first; `None` is closed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Default)]
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
            let time = |text: &str| {
                Time::strptime("%H:%M", if text.trim() == "24:00" { "00:00" } else { text.trim() }).map_err(|_| help())
            };
            let hours = Hours {
                from: time(from)?,
                to: time(to)?,
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
