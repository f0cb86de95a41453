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

/// How long a cycle is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "unit", rename_all = "snake_case")]
pub enum CycleLength {
    Week,
    Month,
    Quarter,
    Year,
    /// Some number of days.
    Days {
        days: i64,
    },
}

/// The longest cycle that is counted in days.
const MAX_CYCLE_DAYS: i64 = 366;

impl CycleLength {
    /// Reads `week`, `month`, `quarter`, `year` or a number of days such as `10 days`.
    ///
    /// # Errors
    /// A sentence for the person who wrote it.
    pub fn parse(text: &str) -> Result<Self, String> {
        let text = text.trim().to_lowercase();
        match text.as_str() {
            "week" => Ok(Self::Week),
            "month" => Ok(Self::Month),
            "quarter" => Ok(Self::Quarter),
            "year" => Ok(Self::Year),
            _ => text
                .trim_end_matches("days")
                .trim_end_matches("day")
                .trim()
                .parse::<i64>()
                .ok()
                .filter(|days| (1..=MAX_CYCLE_DAYS).contains(days))
                .map(|days| Self::Days { days })
                .ok_or_else(|| {
                    format!("Please write week, month, quarter, year, or up to {MAX_CYCLE_DAYS} days such as 10 days.")
                }),
        }
    }

    /// Months from one billing day to the next; `None` where the cycle is counted in days.
    fn months(self) -> Option<i64> {
        match self {
            Self::Month => Some(1),
            Self::Quarter => Some(3),
            Self::Year => Some(12),
            Self::Week | Self::Days { .. } => None,
        }
    }

    /// Whether cycles begin on a billing day, so that a first one may be short.
    pub fn has_billing_day(self) -> bool {
        self.months().is_some()
    }

    /// The cycle `[start, end)` that holds `day`, where cycles are counted from the one that holds `anchor`.
    pub fn cycle(self, anchor: Date, day: Date, billing_day: i8) -> Days {
        let Some(months) = self.months() else {
            let length = match self {
                Self::Days { days } => days.max(1),
                _ => 7,
            };
            let whole = days_between(anchor, day).div_euclid(length);
            let start = anchor.saturating_add((whole * length).days());
            return Days {
                start,
                end: start.saturating_add(length.days()),
            };
        };
        let first = monthly_cycle(anchor, billing_day).start.first_of_month();
        let this = monthly_cycle(day, billing_day).start.first_of_month();
        let number = |month: Date| i64::from(month.year()) * 12 + i64::from(month.month());
        let whole = (number(this) - number(first)).div_euclid(months) * months;
        let begins = |after: i64| billing_date(first.saturating_add(after.months()), billing_day);
        Days {
            start: begins(whole),
            end: begins(whole + months),
        }
    }
}

impl std::fmt::Display for CycleLength {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Week => f.write_str("week"),
            Self::Month => f.write_str("month"),
            Self::Quarter => f.write_str("quarter"),
            Self::Year => f.write_str("year"),
            Self::Days { days: 1 } => f.write_str("day"),
            Self::Days { days } => write!(f, "{days} days"),
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
