//! Billing cycles and months, in civil dates. Instants come in by a zone, never here.

use crate::{Money, refusal::Refusal};
use jiff::{ToSpan, civil::Date};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Half-open `[start, end)` range of civil days.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
pub struct Days {
    pub start: Date,
    pub end: Date,
}

impl Days {
    /// # Panics
    /// Never for dates in jiff's range; a reversed range counts as empty.
    pub fn count(self) -> i64 {
        days_between(self.start, self.end).max(0)
    }
    pub fn last(self) -> Date {
        self.end.yesterday().unwrap_or(self.end)
    }
    pub fn contains(self, day: Date) -> bool {
        self.start <= day && day < self.end
    }
    /// The part of both.
    #[must_use]
    pub fn intersect(self, other: Days) -> Days {
        Days {
            start: self.start.max(other.start),
            end: self.end.min(other.end),
        }
    }
    /// The calendar months that this range touches, each as the part of it inside that month.
    pub fn by_month(self) -> Vec<Days> {
        let mut parts = Vec::new();
        let mut start = self.start;
        while start < self.end {
            let next = next_month(start);
            parts.push(Days {
                start,
                end: next.min(self.end),
            });
            start = next;
        }
        parts
    }
}

/// Whole days from `from` to `to`; negative when reversed.
pub fn days_between(from: Date, to: Date) -> i64 {
    i64::from(from.until(to).map_or(0, |span| span.get_days()))
}

/// First day of the month after `day`'s.
pub fn next_month(day: Date) -> Date {
    day.first_of_month().saturating_add(1.month())
}

/// The day in `month` on which a cycle with this billing day begins: 31 means the last day of short months.
pub fn billing_date(month: Date, billing_day: i8) -> Date {
    let day = billing_day.clamp(1, month.days_in_month());
    month.first_of_month().saturating_add((i32::from(day) - 1).days())
}

/// The monthly cycle `[start, end)` that holds `day`.
pub fn monthly_cycle(day: Date, billing_day: i8) -> Days {
    let here = billing_date(day, billing_day);
    if day >= here {
        Days {
            start: here,
            end: billing_date(next_month(day), billing_day),
        }
    } else {
        let before = day.first_of_month().saturating_sub(1.month());
        Days {
            start: billing_date(before, billing_day),
            end: here,
        }
    }
}

/// A cycle's price for some of its days (rule 3: parts always sum to the whole).
pub fn prorate(price: Money, days: Days, cycle: Days) -> Money {
    let part = days.intersect(cycle);
    if part.count() == 0 {
        return Money::new(0, price.currency);
    }
    let from = days_between(cycle.start, part.start);
    price.share(from, from + part.count(), cycle.count())
}

/// # Errors
/// When the billing day is outside 1 to 31.
pub fn check_billing_day(day: i8) -> Result<(), Refusal> {
    if (1..=31).contains(&day) {
        Ok(())
    } else {
        Err(Refusal::field(
            "billing_day_out_of_range",
            "billing_day",
            "Please choose a billing day from 1 to 31.",
        ))
    }
}

/// The month of a date as `2026-01`, the name of an accounting period.
pub fn month_name(day: Date) -> String {
    format!("{:04}-{:02}", day.year(), day.month())
}

#[cfg(test)]
mod tests;
