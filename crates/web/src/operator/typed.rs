//! What was typed into a form, read field by field, so that all that cannot be read is said at once.

use coterie_domain::{Currency, Money};
use jiff::civil::{Date, Time};
use rust_decimal::Decimal;
use std::str::FromStr;

use crate::{
    failure::{Failure, FieldError},
    form::Submitted,
};

/// Reads a submitted form; [`Typed::finish`] says what could not be read.
pub(crate) struct Typed<'a> {
    submitted: &'a Submitted,
    errors: Vec<FieldError>,
}

impl<'a> Typed<'a> {
    pub(crate) fn new(submitted: &'a Submitted) -> Self {
        Self {
            submitted,
            errors: Vec::new(),
        }
    }

    /// Text as it is; the use cases trim and check it.
    pub(crate) fn text(&self, name: &str) -> String {
        self.submitted.get(name).to_owned()
    }

    pub(crate) fn wrong(&mut self, name: &str, message: impl Into<String>) {
        self.errors.push(FieldError::new(name, message));
    }

    /// A whole number; an empty field counts as `empty`.
    pub(crate) fn number<T: FromStr + Copy + Default>(&mut self, name: &str, empty: Option<T>) -> T {
        let text = self.submitted.get(name).trim();
        let number = if text.is_empty() { empty } else { text.parse().ok() };
        number.unwrap_or_else(|| {
            self.wrong(name, "Please write a whole number.");
            T::default()
        })
    }

    /// A number with decimals, with a point or a comma.
    pub(crate) fn percent(&mut self, name: &str) -> Decimal {
        let text = self.submitted.get(name).trim().replace(',', ".");
        text.parse().unwrap_or_else(|_| {
            self.wrong(name, "Please write a number, such as 12.5.");
            Decimal::ZERO
        })
    }

    /// One of the choices of a select.
    pub(crate) fn id<T: FromStr>(&mut self, name: &str) -> Option<T> {
        let id = self.maybe_id(name);
        if id.is_none() && self.submitted.get(name).trim().is_empty() {
            self.wrong(name, "Please choose one.");
        }
        id
    }

    /// One of the choices of a select, or none of them.
    pub(crate) fn maybe_id<T: FromStr>(&mut self, name: &str) -> Option<T> {
        let text = self.submitted.get(name).trim();
        if text.is_empty() {
            return None;
        }
        let id = text.parse().ok();
        if id.is_none() {
            self.wrong(name, "Please choose one from the list.");
        }
        id
    }

    /// Whether prices have the VAT in them; a form that does not ask tells them without.
    pub(crate) fn tax_included(&mut self) -> bool {
        match self.submitted.get("tax_included") {
            "true" => true,
            "false" | "" => false,
            _ => {
                self.wrong("tax_included", "Please choose one from the list.");
                false
            }
        }
    }

    pub(crate) fn currency(&mut self, name: &str) -> Option<Currency> {
        let text = self.submitted.get(name).trim();
        if text.is_empty() {
            self.wrong(name, "Please choose a currency.");
            return None;
        }
        text.parse()
            .map_err(|message: String| self.wrong(name, format!("{message}.")))
            .ok()
    }

    /// An amount of a currency; without one there is nothing to say about it.
    pub(crate) fn money(&mut self, name: &str, currency: Option<Currency>) -> Option<Money> {
        let text = self.submitted.get(name).trim();
        if text.is_empty() {
            self.wrong(name, "Please fill this in.");
            return None;
        }
        Money::parse(text, currency?)
            .map_err(|message| self.wrong(name, message))
            .ok()
    }

    pub(crate) fn maybe_money(&mut self, name: &str, currency: Option<Currency>) -> Option<Money> {
        if self.submitted.get(name).trim().is_empty() {
            return None;
        }
        self.money(name, currency)
    }

    pub(crate) fn date(&mut self, name: &str) -> Option<Date> {
        let date = self.submitted.get(name).trim().parse().ok();
        if date.is_none() {
            self.wrong(name, "Please give a date, such as 2026-01-20.");
        }
        date
    }

    /// A wall time; `24:00` is the end of the day, which is midnight of the next.
    pub(crate) fn time(&mut self, name: &str) -> Option<Time> {
        let time = Time::strptime("%H:%M", self.submitted.get(name).trim()).ok();
        if time.is_none() {
            self.wrong(name, "Please give a time, such as 14:30.");
        }
        time
    }

    /// # Errors
    /// 422 with everything that could not be read.
    pub(crate) fn finish(self) -> Result<(), Failure> {
        if self.errors.is_empty() {
            Ok(())
        } else {
            Err(Failure::invalid(self.errors))
        }
    }
}

/// What was required and read. `finish` has refused the form where it is absent.
pub(crate) fn required<T>(value: Option<T>, name: &str) -> Result<T, Failure> {
    value.ok_or_else(|| Failure::invalid(vec![FieldError::new(name, "Please fill this in.")]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everything_unreadable_is_said_at_once() {
        let submitted = Submitted::from_encoded("capacity=many&per_hour=20%2C00&currency=EUR&date=tomorrow").unwrap();
        let mut typed = Typed::new(&submitted);
        let _ = typed.number::<i32>("capacity", None);
        let currency = typed.currency("currency");
        assert_eq!(typed.money("per_hour", currency), None);
        assert_eq!(typed.date("date"), None);
        assert_eq!(typed.id::<coterie_domain::LocationId>("location_id"), None);
        let failure = typed.finish().unwrap_err();
        let named: Vec<_> = failure.fields.iter().map(|error| error.field.as_str()).collect();
        assert_eq!(named, ["capacity", "per_hour", "date", "location_id"]);
    }

    #[test]
    fn empty_is_not_wrong_where_it_may_be() {
        let submitted = Submitted::from_encoded("day_cap=&buffer=&location_id=").unwrap();
        let mut typed = Typed::new(&submitted);
        let euro = "EUR".parse().ok();
        assert_eq!(typed.maybe_money("day_cap", euro), None);
        assert_eq!(typed.number("buffer", Some(15)), 15);
        assert_eq!(typed.maybe_id::<coterie_domain::LocationId>("location_id"), None);
        typed.finish().unwrap();
    }
}
