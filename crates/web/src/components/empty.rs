//! What a list says when there is nothing in it yet.

use askama::Template;

use super::{Link, prints_html};

/// A heading, a sentence that says what would appear here, and the next step.
#[derive(Debug, Clone, PartialEq, Eq, Template)]
#[template(path = "components/empty.html")]
pub struct EmptyState {
    title: String,
    body: String,
    action: Option<Link>,
}

impl EmptyState {
    /// An empty state without a next step.
    pub fn new(title: impl Into<String>, body: impl Into<String>) -> Self {
        Self {
            title: title.into(),
            body: body.into(),
            action: None,
        }
    }

    /// Adds the next step.
    #[must_use]
    pub fn action(mut self, label: impl Into<String>, href: impl Into<String>) -> Self {
        self.action = Some(Link::new(label, href));
        self
    }
}

prints_html!(EmptyState);
