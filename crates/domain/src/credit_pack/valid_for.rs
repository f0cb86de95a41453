//! How long a pack can be used: `6 months`, `90 days`.

use jiff::{Span, civil::Date};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::fmt;

const MAX_DAYS: i32 = 1_100;
const MAX_MONTHS: i32 = 36;

/// Counted from the day on which it is bought.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ValidFor {
    Days(i32),
    Months(i32),
}

impl ValidFor {
    /// What is said where it is neither.
    pub const HINT: &str = "Please write how long it can be used, such as 90 days or 6 months, up to 36 months.";

    /// # Errors
    /// A sentence for the person who typed it.
    pub fn parse(text: &str) -> Result<Self, String> {
        let text = text.trim().to_lowercase();
        let counted = |unit: &str, one: &str| {
            let count = text.strip_suffix(unit).or_else(|| text.strip_suffix(one))?;
            count.trim().parse::<i32>().ok()
        };
        let days = counted("days", "day").map(Self::Days);
        days.or_else(|| counted("months", "month").map(Self::Months))
            .filter(|valid_for| valid_for.in_bounds())
            .ok_or_else(|| Self::HINT.to_owned())
    }

    pub(super) fn in_bounds(self) -> bool {
        match self {
            Self::Days(days) => (1..=MAX_DAYS).contains(&days),
            Self::Months(months) => (1..=MAX_MONTHS).contains(&months),
        }
    }

    /// The last day on which it can be used: in months the day of the same number, or the month's last where there is none.
    pub fn last_day(self, bought_on: Date) -> Date {
        let span = match self {
            Self::Days(days) => Span::new().days(i64::from(days.clamp(1, MAX_DAYS))),
            Self::Months(months) => Span::new().months(i64::from(months.clamp(1, MAX_MONTHS))),
        };
        bought_on.saturating_add(span)
    }
}

impl fmt::Display for ValidFor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Days(1) => f.write_str("1 day"),
            Self::Days(days) => write!(f, "{days} days"),
            Self::Months(1) => f.write_str("1 month"),
            Self::Months(months) => write!(f, "{months} months"),
        }
    }
}
