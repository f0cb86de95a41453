//! Facts as the components' definition list shows them, except that words too long for a narrow page may be broken.

use askama::Template;

use crate::components::{Cell, prints_html};

/// Letters that still fit beside a term on a page of 360 px.
const LONGEST_WORD: usize = 18;

/// Pairs of a term and its value.
#[derive(Debug, Clone, Default, Template)]
#[template(path = "audit/facts.html")]
pub(crate) struct Facts {
    items: Vec<(String, Cell)>,
}

prints_html!(Facts);

impl Facts {
    /// Adds a fact; the value may be text, money, a badge or a link.
    #[must_use]
    pub(crate) fn item(mut self, term: impl Into<String>, value: impl Into<Cell>) -> Self {
        self.items.push((term.into(), value.into()));
        self
    }

    /// Whether a value has to be broken inside a word: ids at Stripe, tokens, addresses.
    fn breaks(value: &Cell) -> bool {
        let Cell::Text(text) = value else { return false };
        text.split([' ', '-']).any(|word| word.chars().count() > LONGEST_WORD)
    }
}

impl From<Vec<(String, Cell)>> for Facts {
    fn from(items: Vec<(String, Cell)>) -> Self {
        Self { items }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_long_words_are_broken() {
        let facts = Facts::default()
            .item("Who", "Ada Lovelace (member)")
            .item("At Stripe", "pi_c1e215838d434727b9fcf831");
        insta::assert_snapshot!(facts, @r#"
        <dl class="facts">
          <div><dt>Who</dt><dd>Ada Lovelace (member)</dd></div>
          <div><dt>At Stripe</dt><dd><code>pi_c1e215838d434727b9fcf831</code></dd></div>
        </dl>
        "#);
    }
}
