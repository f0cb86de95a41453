//! Facts about one thing, as pairs of name and value.

use askama::Template;

use super::{Cell, prints_html};

/// Pairs of a term and its value.
#[derive(Debug, Clone, Default, Template)]
#[template(path = "components/definition_list.html")]
pub struct DefinitionList {
    items: Vec<(String, Cell)>,
}

impl DefinitionList {
    /// No facts yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a fact; the value may be text, money, a badge or a link.
    #[must_use]
    pub fn item(mut self, term: impl Into<String>, value: impl Into<Cell>) -> Self {
        self.items.push((term.into(), value.into()));
        self
    }
}

prints_html!(DefinitionList);
