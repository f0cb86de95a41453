//! Whole days out of a calendar file (iCalendar, RFC 5545), as governments and schools publish their holidays.

use super::NewClosure;
use icalendar::{Calendar, Component as _, DatePerhapsTime, Event, EventLike as _, EventStatus};
use jiff::civil::Date;

/// Occurrences of one entry that are looked at. A holiday comes once a year.
const MAX_OCCURRENCES: u16 = 200;
/// What an entry without a title is called.
const UNTITLED: &str = "Closed";

/// Every whole-day entry, each occurrence for itself; cancelled ones and those with a time of day are left out.
pub(super) fn days(calendar: &str) -> Result<Vec<NewClosure>, String> {
    let read: Calendar = calendar.parse().map_err(|_| {
        "This is not a calendar file: it starts with BEGIN:VCALENDAR and ends with END:VCALENDAR.".to_owned()
    })?;
    let mut closures = Vec::new();
    for event in read.events() {
        if event.get_status() != Some(EventStatus::Cancelled) {
            closures.extend(occurrences(event)?);
        }
    }
    if closures.is_empty() {
        return Err("There is no whole-day entry in this calendar.".to_owned());
    }
    Ok(closures)
}

fn occurrences(event: &Event) -> Result<Vec<NewClosure>, String> {
    let Some(DatePerhapsTime::Date(start)) = event.get_start() else {
        return Ok(Vec::new());
    };
    let reason = event.get_summary().unwrap_or(UNTITLED).trim().to_owned();
    let faulty = |what: &str| format!("The entry \u{201c}{reason}\u{201d} {what}.");
    let day = |text: String| text.parse::<Date>().map_err(|_| faulty("has a day out of range"));
    let first = day(start.to_string())?;
    // The end of a whole-day entry is the day after its last one; without an end it lasts its first day.
    let end = match event.get_end() {
        Some(DatePerhapsTime::Date(end)) => day(end.to_string())?,
        _ => first.tomorrow().map_err(|_| faulty("has a day out of range"))?,
    };
    if end <= first {
        return Err(faulty("ends before it starts"));
    }
    let length = first.until(end).map_err(|_| faulty("is too long"))?;
    let repeats = event.property_value("RRULE").is_some();
    let firsts = if repeats {
        let rule = event
            .get_recurrence()
            .map_err(|_| faulty("repeats by a rule that cannot be read"))?;
        let all = rule.all(MAX_OCCURRENCES).dates;
        all.iter()
            .map(|at| day(at.date_naive().to_string()))
            .collect::<Result<_, _>>()?
    } else {
        vec![first]
    };
    let closures = firsts.into_iter().filter_map(|first_day| {
        Some(NewClosure {
            first_day,
            last_day: first_day.checked_add(length).ok()?.yesterday().ok()?,
            reason: reason.clone(),
            external_id: event.get_uid().map(ToOwned::to_owned),
        })
    });
    Ok(closures.collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOLIDAYS: &str = "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//Land//Holidays//DE\r\n\
        BEGIN:VEVENT\r\nUID:unity\r\nDTSTART;VALUE=DATE:20251003\r\nDTEND;VALUE=DATE:20251004\r\nRRULE:FREQ=YEARLY;COUNT=2\r\n\
        SUMMARY:Tag der Deutschen Einheit\r\nEND:VEVENT\r\n\
        BEGIN:VEVENT\r\nUID:xmas\r\nDTSTART;VALUE=DATE:20261225\r\nDTEND;VALUE=DATE:20261227\r\nSUMMARY:Christmas\\, both days\r\nEND:VEVENT\r\n\
        BEGIN:VEVENT\r\nUID:party\r\nDTSTART:20261218T180000Z\r\nSUMMARY:Party\r\nEND:VEVENT\r\n\
        BEGIN:VEVENT\r\nUID:off\r\nDTSTART;VALUE=DATE:20260101\r\nSTATUS:CANCELLED\r\nSUMMARY:Called off\r\nEND:VEVENT\r\n\
        END:VCALENDAR\r\n";

    #[test]
    fn a_calendar_gives_its_whole_days() {
        let told: Vec<_> = days(HOLIDAYS)
            .unwrap()
            .iter()
            .map(|one| format!("{} to {}: {}", one.first_day, one.last_day, one.reason))
            .collect();
        insta::assert_snapshot!(told.join("\n"), @r"
        2025-10-03 to 2025-10-03: Tag der Deutschen Einheit
        2026-10-03 to 2026-10-03: Tag der Deutschen Einheit
        2026-12-25 to 2026-12-26: Christmas, both days
        ");
    }

    #[test]
    fn what_is_no_calendar_is_told() {
        assert!(days("Monday: closed").unwrap_err().contains("not a calendar file"));
        let empty = "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:x\r\nEND:VCALENDAR\r\n";
        assert_eq!(
            days(empty).unwrap_err(),
            "There is no whole-day entry in this calendar."
        );
    }
}
