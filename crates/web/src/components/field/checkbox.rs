//! Yes or no.

use askama::Template;

use super::described_by;
use crate::{components::prints_html, failure::Failure, form::Submitted};

/// Yes or no; sent as `on` or not at all.
#[derive(Debug, Clone, PartialEq, Eq, Template)]
#[template(path = "components/checkbox.html")]
pub struct Checkbox {
    name: &'static str,
    label: String,
    checked: bool,
    hint: String,
    error: String,
    required: bool,
}

impl Checkbox {
    /// An unticked box that need not be ticked.
    pub fn new(name: &'static str, label: impl Into<String>) -> Self {
        Self {
            name,
            label: label.into(),
            checked: false,
            hint: String::new(),
            error: String::new(),
            required: false,
        }
    }

    /// Ticks it.
    #[must_use]
    pub fn checked(mut self, checked: bool) -> Self {
        self.checked = checked;
        self
    }

    /// Has to be ticked.
    #[must_use]
    pub fn required(mut self) -> Self {
        self.required = true;
        self
    }

    /// Explains what ticking it means.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = hint.into();
        self
    }

    /// Shows again what was ticked and what is wrong with it.
    #[must_use]
    pub fn refused(mut self, submitted: &Submitted, failure: &Failure) -> Self {
        self.checked = submitted.has(self.name);
        failure.field(self.name).unwrap_or_default().clone_into(&mut self.error);
        self
    }

    fn described_by(&self) -> String {
        described_by(self.name, &self.hint, &self.error)
    }
}

prints_html!(Checkbox);
