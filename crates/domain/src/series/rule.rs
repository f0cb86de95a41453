//! A rule's times on the wall. The clock changes of the zone do not move them: ten o'clock stays ten o'clock.

use crate::refusal::Refusal;
use jiff::{
    Timestamp,
    civil::{DateTime, Time},
    tz::TimeZone,
};
use rrule::RRuleSet;

/// The most bookings of one series.
pub const MOST: usize = 104;

/// The starts of a series, the first one first.
///
/// The rule is expanded as if the wall were UTC, which has no clock changes; each time is then read in the zone of the house.
///
/// # Errors
/// A rule that cannot be read, that comes more often than daily, or that has more than [`MOST`] times.
pub fn occurrences(rule: &str, start: DateTime, zone: &TimeZone) -> Result<Vec<DateTime>, Refusal> {
    let faulty = |sentence: String| Refusal::field("faulty_rule", "rule", sentence);
    let text = rule.trim().trim_start_matches("RRULE:").to_uppercase();
    let often = ["FREQ=SECONDLY", "FREQ=MINUTELY", "FREQ=HOURLY"];
    let within_a_day = ["BYHOUR", "BYMINUTE", "BYSECOND", "BYSETPOS"];
    if often.iter().chain(&within_a_day).any(|part| text.contains(part)) {
        return Err(faulty("A series comes once a day at most.".to_owned()));
    }
    if !text.contains("COUNT=") && !text.contains("UNTIL=") {
        return Err(faulty(
            "Please say how often (COUNT) or until when (UNTIL), such as FREQ=WEEKLY;COUNT=10.".to_owned(),
        ));
    }
    let unreadable =
        || faulty("This rule cannot be read. Write it as FREQ=WEEKLY;INTERVAL=2;BYDAY=MO;COUNT=10.".to_owned());
    let text = on_the_wall(&text, zone).ok_or_else(unreadable)?;
    let set: RRuleSet = format!("DTSTART:{}\nRRULE:{text}", start.strftime("%Y%m%dT%H%M%SZ"))
        .parse()
        .map_err(|_| unreadable())?;
    let all = set.all(u16::try_from(MOST).unwrap_or(u16::MAX) + 1).dates;
    if all.len() > MOST {
        return Err(faulty(format!("A series has {MOST} bookings at most.")));
    }
    all.into_iter()
        .map(|at| {
            let wall = Timestamp::from_second(at.timestamp()).map_err(|_| unreadable())?;
            Ok(TimeZone::UTC.to_datetime(wall))
        })
        .collect()
}

/// The rule with UNTIL as a time of that wall: a day means its end, an instant is read in the zone.
fn on_the_wall(rule: &str, zone: &TimeZone) -> Option<String> {
    let mut parts = Vec::new();
    for part in rule.split(';') {
        let Some(until) = part.strip_prefix("UNTIL=") else {
            parts.push(part.to_owned());
            continue;
        };
        let wall = if let Some(instant) = until.strip_suffix('Z') {
            let utc = DateTime::strptime("%Y%m%dT%H%M%S", instant).ok()?;
            zone.to_datetime(TimeZone::UTC.to_timestamp(utc).ok()?)
        } else if let Ok(wall) = DateTime::strptime("%Y%m%dT%H%M%S", until) {
            wall
        } else {
            let day = jiff::civil::Date::strptime("%Y%m%d", until).ok()?;
            day.to_datetime(Time::constant(23, 59, 59, 0))
        };
        parts.push(format!("UNTIL={}", wall.strftime("%Y%m%dT%H%M%SZ")));
    }
    Some(parts.join(";"))
}
