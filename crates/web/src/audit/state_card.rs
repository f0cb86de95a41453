//! How a thing stood, with what its last event changed marked: in words, not by colour alone.

use askama::Template;
use jiff::tz::TimeZone;
use serde_json::Value;

use super::{Places, payload};
use crate::components::{Cell, prints_html};

/// What stands first, because it is what people look for.
const FIRST: [&str; 8] = [
    "State",
    "Name",
    "Number",
    "Open",
    "Paid",
    "Minutes left",
    "Last day",
    "Percent due",
];

/// The state after an event beside the state before it.
#[derive(Debug, Clone, Template)]
#[template(path = "audit/state_card.html")]
pub(super) struct StateCard {
    rows: Vec<Row>,
}

prints_html!(StateCard);

#[derive(Debug, Clone)]
struct Row {
    term: String,
    /// `None`: it is no longer there.
    value: Option<Cell>,
    change: Change,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Change {
    Same,
    New,
    /// What it was before.
    Changed(Cell),
    Gone(Cell),
}

impl Change {
    fn class(&self) -> &'static str {
        match self {
            Self::Same => "same",
            Self::New | Self::Changed(_) => "changed",
            Self::Gone(_) => "gone",
        }
    }

    fn word(&self) -> &'static str {
        match self {
            Self::Same => "",
            Self::New => "new",
            Self::Changed(_) => "changed",
            Self::Gone(_) => "gone",
        }
    }

    fn was(&self) -> Option<&Cell> {
        match self {
            Self::Same | Self::New => None,
            Self::Changed(was) | Self::Gone(was) => Some(was),
        }
    }
}

impl StateCard {
    /// Without a state before, everything is new and nothing is marked.
    pub(super) fn new(state: &Value, before: Option<&Value>, places: &Places, zone: &TimeZone) -> Self {
        let now = payload::pairs(state, places, zone);
        let Some(before) = before else {
            let same = |(term, value)| Row {
                term,
                value: Some(value),
                change: Change::Same,
            };
            return Self::ordered(now.into_iter().map(same).collect());
        };
        let mut before = payload::pairs(before, places, zone);
        let mut rows: Vec<Row> = now
            .into_iter()
            .map(|(term, value)| {
                let was = before
                    .iter()
                    .position(|(earlier, _)| *earlier == term)
                    .map(|at| before.remove(at).1);
                let change = match was {
                    // A field that came without a value says nothing new.
                    None if is_nothing(&value) => Change::Same,
                    None => Change::New,
                    Some(was) if was == value => Change::Same,
                    Some(was) => Change::Changed(was),
                };
                Row {
                    term,
                    value: Some(value),
                    change,
                }
            })
            .collect();
        rows.extend(before.into_iter().map(|(term, was)| Row {
            term,
            value: None,
            change: Change::Gone(was),
        }));
        Self::ordered(rows)
    }

    fn ordered(mut rows: Vec<Row>) -> Self {
        let rank = |row: &Row| FIRST.iter().position(|term| *term == row.term).unwrap_or(FIRST.len());
        rows.sort_by_key(rank);
        Self { rows }
    }
}

fn is_nothing(value: &Cell) -> bool {
    matches!(value, Cell::Text(text) if text == "—" || text == "none")
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use coterie_domain::catalogue::Catalogue;
    use serde_json::json;

    use super::*;

    #[test]
    fn what_the_last_event_changed_is_marked_in_words() {
        let places = Places::new(Arc::new(Catalogue::default()));
        let before = json!({ "name": "Elbe", "state": "confirmed", "note": "by the window" });
        let now = json!({ "name": "Elbe", "state": "cancelled", "percent_due": 50 });
        let card = StateCard::new(&now, Some(&before), &places, &TimeZone::UTC);
        insta::assert_snapshot!(card, @r#"
        <dl class="facts state">
          <div class="changed"><dt>State <span class="badge badge-info">changed</span></dt><dd>cancelled <span class="was">before: confirmed</span></dd></div>
          <div class="same"><dt>Name</dt><dd>Elbe</dd></div>
          <div class="changed"><dt>Percent due <span class="badge badge-info">new</span></dt><dd>50</dd></div>
          <div class="gone"><dt>Note <span class="badge badge-info">gone</span></dt><dd> <span class="was">before: by the window</span></dd></div>
        </dl>
        "#);
        let first = StateCard::new(&before, None, &places, &TimeZone::UTC).to_string();
        assert!(!first.contains("badge"), "{first}");
    }
}
