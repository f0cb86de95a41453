//! How long issued documents are kept: whole years of a legal entity at a time, under one key for each.

use crate::{LegalEntityId, event::domain_events};
use jiff::civil::Date;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// Years after the one of issue, the longest that the countries of the chains ask for (Germany's section 147 AO asked for
/// ten until 2024; art. 247 of directive 2006/112/EC leaves the number to the countries).
pub const YEARS: i16 = 10;

/// No document is older: the directive above is from the year before.
pub const FIRST_YEAR: i16 = 2007;

domain_events!(
    /// What happened to what a legal entity must keep of one year.
    RetentionEvent, "retention", { RetentionEnded = 1 }
);

/// The legal years are over: the key of the year's buyers is destroyed with this.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct RetentionEnded {
    pub legal_entity_id: LegalEntityId,
    /// The year of issue.
    pub year: i16,
    /// The last day on which the documents were whole.
    pub kept_until: Date,
}

/// The last day on which what was issued in a year must be whole.
pub fn until(year: i16) -> Date {
    // Years of documents are far from the calendar's end.
    Date::new(year.saturating_add(YEARS), 12, 31).unwrap_or(Date::MAX)
}

/// Whose key a legal entity's documents of one year are sealed under; also the stream of [`RetentionEvent`].
pub fn subject(entity: LegalEntityId, year: i16) -> Uuid {
    Uuid::new_v5(&entity.0, format!("retention/{year}").as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{BERLIN, NEW_YORK};

    #[test]
    fn a_year_is_kept_ten_years_more_under_a_key_of_its_own() {
        assert_eq!(until(2026).to_string(), "2036-12-31");
        assert_eq!(subject(BERLIN, 2026), subject(BERLIN, 2026));
        assert_ne!(subject(BERLIN, 2026), subject(BERLIN, 2027));
        assert_ne!(subject(BERLIN, 2026), subject(NEW_YORK, 2026));
    }
}
