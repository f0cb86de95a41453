//! One of several choices.

use askama::Template;

use super::described_by;
use crate::{components::prints_html, failure::Failure, form::Submitted};

/// One choice of a select.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Choice {
    value: String,
    label: String,
}

impl Choice {
    /// A value and what it is called.
    pub fn new(value: impl Into<String>, label: impl Into<String>) -> Self {
        Self {
            value: value.into(),
            label: label.into(),
        }
    }
}

/// One of several choices.
#[derive(Debug, Clone, PartialEq, Eq, Template)]
#[template(path = "components/select.html")]
pub struct Select {
    name: &'static str,
    label: String,
    choices: Vec<Choice>,
    value: String,
    prompt: String,
    hint: String,
    error: String,
    required: bool,
}

impl Select {
    /// A select; without a value, the prompt "Choose…" stands first.
    pub fn new(name: &'static str, label: impl Into<String>, choices: impl IntoIterator<Item = Choice>) -> Self {
        Self {
            name,
            label: label.into(),
            choices: choices.into_iter().collect(),
            value: String::new(),
            prompt: "Choose…".to_owned(),
            hint: String::new(),
            error: String::new(),
            required: true,
        }
    }

    /// Selects a value.
    #[must_use]
    pub fn value(mut self, value: impl Into<String>) -> Self {
        self.value = value.into();
        self
    }

    /// What the empty choice says.
    #[must_use]
    pub fn prompt(mut self, prompt: impl Into<String>) -> Self {
        self.prompt = prompt.into();
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

    /// Shows again what was chosen and what is wrong with it.
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

prints_html!(Select);
