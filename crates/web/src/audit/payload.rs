//! A payload as facts: amounts as money, instants in a named zone, ids as links to their history.

use coterie_domain::{Currency, Money};
use jiff::{Timestamp, civil::Date, tz::TimeZone};
use serde_json::{Map, Value};
use uuid::Uuid;

use super::{Facts, Places, links};
use crate::{
    components::{Cell, Link},
    finance::words,
};

/// Facts of one event that are shown; no event of ours has as many.
const MOST_FACTS: usize = 400;

/// Every value of a payload by its path.
pub(super) fn facts(payload: &Value, places: &Places, zone: &TimeZone) -> Facts {
    let mut pairs = pairs(payload, places, zone);
    let more = pairs.len() > MOST_FACTS;
    pairs.truncate(MOST_FACTS);
    let list = Facts::from(pairs);
    if more {
        return list.item("More", "This event holds more than is shown here.");
    }
    list
}

/// Every value with its path in words.
pub(super) fn pairs(payload: &Value, places: &Places, zone: &TimeZone) -> Vec<(String, Cell)> {
    let mut reading = Reading {
        places,
        zone,
        facts: Vec::new(),
    };
    reading.value("", payload, None);
    reading.facts
}

struct Reading<'a> {
    places: &'a Places,
    zone: &'a TimeZone,
    facts: Vec<(String, Cell)>,
}

impl Reading<'_> {
    fn value(&mut self, path: &str, value: &Value, currency: Option<Currency>) {
        match value {
            Value::Object(fields) => match money(fields) {
                Some(money) => self.fact(path, words::amount(money)),
                None => self.object(path, fields, currency),
            },
            Value::Array(items) if items.is_empty() => self.fact(path, "none"),
            Value::Array(items) => {
                for (item, number) in items.iter().zip(1..) {
                    self.value(&format!("{path} {number}"), item, currency);
                }
            }
            Value::String(text) => {
                let cell = self.text(text);
                self.fact(path, cell);
            }
            Value::Bool(yes) => self.fact(path, if *yes { "yes" } else { "no" }),
            Value::Null => self.fact(path, "—"),
            Value::Number(number) => self.fact(path, number.to_string()),
        }
    }

    fn object(&mut self, path: &str, fields: &Map<String, Value>, outer: Option<Currency>) {
        let own = fields.get("currency").and_then(Value::as_str);
        let currency = own.and_then(|code| code.parse().ok()).or(outer);
        for (key, value) in fields {
            let minor = key.strip_suffix("_minor").zip(value.as_i64()).zip(currency);
            if let Some(((key, minor), currency)) = minor {
                self.fact(&join(path, key), words::money(minor, currency));
                continue;
            }
            let key = key.strip_suffix("_id").filter(|_| value.is_string()).unwrap_or(key);
            self.value(&join(path, key), value, currency);
        }
    }

    fn text(&self, text: &str) -> Cell {
        if text.is_empty() {
            return "—".into();
        }
        // `Uuid` also reads short spellings that no id of ours has.
        if let Some(id) = text.parse::<Uuid>().ok().filter(|_| text.len() == 36) {
            let label = self.places.name(id).map_or_else(|| text.to_owned(), str::to_owned);
            return Link::new(label, links::stream(self.places.stream_of(id))).into();
        }
        if let Some(day) = text.parse::<Date>().ok().filter(|_| text.len() == 10) {
            return words::day(day).into();
        }
        if let Some(at) = text.parse::<Timestamp>().ok().filter(|_| text.ends_with('Z')) {
            return words::moment(at, self.zone).into();
        }
        text.into()
    }

    fn fact(&mut self, path: &str, value: impl Into<Cell>) {
        self.facts.push((path.to_owned(), value.into()));
    }
}

fn join(path: &str, key: &str) -> String {
    let key = links::humanized(key);
    if path.is_empty() {
        key
    } else {
        format!("{path}, {}", key.to_lowercase())
    }
}

/// An object that is an amount: minor units and their currency, nothing else.
fn money(fields: &Map<String, Value>) -> Option<Money> {
    if fields.len() != 2 {
        return None;
    }
    let currency = fields.get("currency")?.as_str()?.parse().ok()?;
    Some(Money::new(fields.get("minor")?.as_i64()?, currency))
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use coterie_domain::catalogue::Catalogue;
    use serde_json::json;

    use super::*;

    #[test]
    fn values_are_read_as_what_they_are() {
        let places = Places::new(Arc::new(Catalogue::default()));
        let berlin = TimeZone::get("Europe/Berlin").unwrap();
        let payload = json!({
            "booking_id": "00000000-0000-0000-0000-000000000090",
            "starts_at": "2026-01-22T12:00:00Z",
            "service_from": "2026-01-22",
            "full_price": { "currency": "EUR", "minor": 8000 },
            "charge": null,
            "sums": { "currency": "JPY", "net_minor": -5 },
            "lines": [{ "note": "<b>" }],
            "lots": [],
        });
        insta::assert_snapshot!(facts(&payload, &places, &berlin), @r#"
        <dl class="facts">
          <div><dt>Booking</dt><dd><a href="/log/streams/00000000-0000-0000-0000-000000000090">00000000-0000-0000-0000-000000000090</a></dd></div>
          <div><dt>Charge</dt><dd>—</dd></div>
          <div><dt>Full price</dt><dd><span class="money">EUR 80.00</span></dd></div>
          <div><dt>Lines 1, note</dt><dd>&#60;b&#62;</dd></div>
          <div><dt>Lots</dt><dd>none</dd></div>
          <div><dt>Service from</dt><dd>22 Jan 2026</dd></div>
          <div><dt>Starts at</dt><dd>22 Jan 2026, 13:00 CET</dd></div>
          <div><dt>Sums, currency</dt><dd>JPY</dd></div>
          <div><dt>Sums, net</dt><dd><span class="money money-negative">JPY −5</span></dd></div>
        </dl>
        "#);
    }
}
