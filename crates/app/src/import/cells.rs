//! What a row's cells say, read so that every fault of the row is told.

use super::report::RowError;
use super::table::{Layout, Row};
use coterie_domain::{Currency, Money, Refusal};
use std::str::FromStr;

/// A row being read.
pub(crate) struct Cells<'a> {
    pub layout: &'a Layout,
    pub row: &'a Row,
    pub errors: Vec<RowError>,
    /// Something that the row names is faulty itself: the row cannot be judged, and nothing is said twice.
    pub waits: bool,
}

impl<'a> Cells<'a> {
    pub(crate) fn new(layout: &'a Layout, row: &'a Row) -> Self {
        Self {
            layout,
            row,
            errors: Vec::new(),
            waits: false,
        }
    }
    pub(super) fn is_fine(&self) -> bool {
        self.errors.is_empty() && !self.waits
    }
    pub(crate) fn text(&self, column: &str) -> &'a str {
        self.row.text(column)
    }
    pub(crate) fn owned(&self, column: &str) -> String {
        self.text(column).to_owned()
    }
    pub(crate) fn fault(&mut self, column: &str, message: impl Into<String>) {
        self.errors.push(self.layout.error(self.row.number, column, message));
    }
    /// A cell that must read as something; `expected` ends the sentence "Please write ...".
    pub(crate) fn read<T: FromStr>(&mut self, column: &str, expected: &str) -> Option<T> {
        let parsed = self.text(column).parse().ok();
        if parsed.is_none() {
            self.fault(column, format!("Please write {expected}."));
        }
        parsed
    }
    /// The same, where an empty cell means `otherwise`.
    pub(super) fn read_or<T: FromStr>(&mut self, column: &str, expected: &str, otherwise: T) -> Option<T> {
        if self.text(column).is_empty() {
            Some(otherwise)
        } else {
            self.read(column, expected)
        }
    }
    /// "yes" or "no", where an empty cell means `otherwise`.
    pub(super) fn yes_or_no(&mut self, column: &str, otherwise: bool) -> Option<bool> {
        match self.text(column).to_lowercase().as_str() {
            "yes" => Some(true),
            "no" => Some(false),
            "" => Some(otherwise),
            _ => {
                self.fault(column, "Please write yes or no.");
                None
            }
        }
    }
    pub(super) fn currency(&mut self, column: &str) -> Option<Currency> {
        match self.text(column).to_uppercase().parse() {
            Ok(currency) => Some(currency),
            Err(message) => {
                self.fault(column, format!("{message}."));
                None
            }
        }
    }
    pub(super) fn money(&mut self, column: &str, currency: Option<Currency>) -> Option<Money> {
        match Money::parse(self.text(column), currency?) {
            Ok(money) => Some(money),
            Err(message) => {
                self.fault(column, message);
                None
            }
        }
    }
    /// An import adds and never changes: where a thing is there already, its cells must say what it is.
    pub(super) fn must_be(&mut self, column: &str, known: &str) {
        let given = self.text(column);
        if given != known && self.layout.has(column) {
            let known = if known.is_empty() { "nothing" } else { known };
            self.fault(
                column,
                format!("It is there already with \u{201c}{known}\u{201d} here; an import changes nothing."),
            );
        }
    }
    /// A refusal of the domain, told by column.
    pub(super) fn refuse(&mut self, refusal: &Refusal) {
        if refusal.fields.is_empty() {
            self.fault("", refusal.sentence.clone());
        }
        for fault in &refusal.fields {
            let column = self.column_of(&fault.field);
            self.fault(&column, fault.message.clone());
        }
    }
    /// Forms ask for ids where files have names.
    fn column_of(&self, field: &str) -> String {
        let short = field.strip_suffix("_id").unwrap_or(field);
        let named = if short == "resource_type" { "type" } else { short };
        [field, named]
            .into_iter()
            .find(|column| self.layout.has(column))
            .unwrap_or_default()
            .to_owned()
    }
}
