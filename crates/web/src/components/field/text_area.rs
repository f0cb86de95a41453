//! Fields of several lines.

use askama::Template;

use super::described_by;
use crate::{components::prints_html, failure::Failure, form::Submitted};

/// A field of several lines.
#[derive(Debug, Clone, PartialEq, Eq, Template)]
#[template(path = "components/text_area.html")]
pub struct TextArea {
    name: &'static str,
    label: String,
    value: String,
    hint: String,
    error: String,
    required: bool,
    rows: u8,
}

impl TextArea {
    /// A field of `rows` lines.
    pub fn new(name: &'static str, label: impl Into<String>, rows: u8) -> Self {
        Self {
            name,
            label: label.into(),
            value: String::new(),
            hint: String::new(),
            error: String::new(),
            required: true,
            rows,
        }
    }

    /// Fills in a value.
    #[must_use]
    pub fn value(mut self, value: impl Into<String>) -> Self {
        self.value = value.into();
        self
    }

    /// Explains what is expected.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = hint.into();
        self
    }

    /// May be left empty; the label says so.
    #[must_use]
    pub fn optional(mut self) -> Self {
        self.required = false;
        self
    }

    /// Shows again what was typed and what is wrong with it.
    #[must_use]
    pub fn refused(mut self, submitted: &Submitted, failure: &Failure) -> Self {
        submitted.get(self.name).clone_into(&mut self.value);
        failure.field(self.name).unwrap_or_default().clone_into(&mut self.error);
        self
    }

    fn described_by(&self) -> String {
        described_by(self.name, &self.hint, &self.error)
    }
}

prints_html!(TextArea);
