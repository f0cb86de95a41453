//! Fields of one line.

use askama::Template;

use super::described_by;
use crate::{components::prints_html, failure::Failure, form::Submitted};

/// A field of one line: text, email, password, number, date or time.
#[derive(Debug, Clone, PartialEq, Eq, Template)]
#[template(path = "components/field.html")]
pub struct Field {
    kind: &'static str,
    name: &'static str,
    label: String,
    value: String,
    hint: String,
    error: String,
    required: bool,
    autocomplete: &'static str,
    attributes: Vec<(&'static str, String)>,
}

impl Field {
    fn new(kind: &'static str, name: &'static str, label: impl Into<String>) -> Self {
        Self {
            kind,
            name,
            label: label.into(),
            value: String::new(),
            hint: String::new(),
            error: String::new(),
            required: true,
            autocomplete: "",
            attributes: Vec::new(),
        }
    }

    /// A line of text.
    pub fn text(name: &'static str, label: impl Into<String>) -> Self {
        Self::new("text", name, label)
    }

    /// An email address.
    pub fn email(name: &'static str, label: impl Into<String>) -> Self {
        Self {
            autocomplete: "email",
            ..Self::new("email", name, label)
        }
    }

    /// A password; its value is never sent back to the browser.
    pub fn password(name: &'static str, label: impl Into<String>) -> Self {
        Self {
            autocomplete: "current-password",
            ..Self::new("password", name, label)
        }
    }

    /// A number; bounds by `attribute("min", ..)`.
    pub fn number(name: &'static str, label: impl Into<String>) -> Self {
        Self::new("number", name, label)
    }

    /// A civil date, `YYYY-MM-DD`.
    pub fn date(name: &'static str, label: impl Into<String>) -> Self {
        Self::new("date", name, label)
    }

    /// A civil date and wall time, `YYYY-MM-DDTHH:MM`.
    pub fn wall_time(name: &'static str, label: impl Into<String>) -> Self {
        Self::new("datetime-local", name, label)
    }

    /// A wall time, `HH:MM`.
    pub fn time(name: &'static str, label: impl Into<String>) -> Self {
        Self::new("time", name, label)
    }

    /// A file; what was chosen is never sent back to the browser.
    pub fn file(name: &'static str, label: impl Into<String>) -> Self {
        Self::new("file", name, label)
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

    /// The HTML autofill token: `name`, `new-password`, `street-address`.
    #[must_use]
    pub fn autocomplete(mut self, token: &'static str) -> Self {
        self.autocomplete = token;
        self
    }

    /// A further attribute of the input, such as `min`, `step`, `maxlength`, `inputmode`.
    #[must_use]
    pub fn attribute(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.attributes.push((name, value.into()));
        self
    }

    /// Shows again what was typed (passwords excepted) and what is wrong with it.
    #[must_use]
    pub fn refused(mut self, submitted: &Submitted, failure: &Failure) -> Self {
        if self.kind != "password" && self.kind != "file" {
            submitted.get(self.name).clone_into(&mut self.value);
        }
        failure.field(self.name).unwrap_or_default().clone_into(&mut self.error);
        self
    }

    fn described_by(&self) -> String {
        described_by(self.name, &self.hint, &self.error)
    }
}

prints_html!(Field);
