//! Tables that turn into stacked cards on a phone.

use askama::Template;

use super::{Badge, EmptyState, Link, Money, prints_html};

/// What a cell shows.
#[derive(Debug, Clone, PartialEq, Eq, Template)]
#[template(
    source = r#"{% match self %}{% when Self::Text(text) %}{{ text }}{% when Self::Link(link) %}<a href="{{ link.href }}">{{ link.label }}</a>{% when Self::Money(money) %}{{ money }}{% when Self::Badge(badge) %}{{ badge }}{% endmatch %}"#,
    ext = "html"
)]
pub enum Cell {
    /// Plain text.
    Text(String),
    /// A link.
    Link(Link),
    /// An amount.
    Money(Money),
    /// A status.
    Badge(Badge),
}

prints_html!(Cell, Table);

impl From<&str> for Cell {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<String> for Cell {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

impl From<Link> for Cell {
    fn from(link: Link) -> Self {
        Self::Link(link)
    }
}

impl From<Money> for Cell {
    fn from(money: Money) -> Self {
        Self::Money(money)
    }
}

impl From<Badge> for Cell {
    fn from(badge: Badge) -> Self {
        Self::Badge(badge)
    }
}

/// A column's heading and alignment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Column {
    label: String,
    numeric: bool,
}

impl Column {
    /// A column of words.
    pub fn text(label: impl Into<String>) -> Self {
        Self {
            label: label.into(),
            numeric: false,
        }
    }

    /// A column of numbers or amounts, aligned to the right.
    pub fn number(label: impl Into<String>) -> Self {
        Self {
            label: label.into(),
            numeric: true,
        }
    }
}

/// A table with a caption; the first cell of each row is its heading.
#[derive(Debug, Clone, Template)]
#[template(path = "components/table.html")]
pub struct Table {
    caption: String,
    columns: Vec<Column>,
    rows: Vec<Vec<Cell>>,
    footer: Vec<Cell>,
    empty: Option<EmptyState>,
}

impl Table {
    /// A table without rows.
    pub fn new(caption: impl Into<String>, columns: impl IntoIterator<Item = Column>) -> Self {
        Self {
            caption: caption.into(),
            columns: columns.into_iter().collect(),
            rows: Vec::new(),
            footer: Vec::new(),
            empty: None,
        }
    }

    /// Adds a row, one cell per column.
    #[must_use]
    pub fn row(mut self, cells: impl IntoIterator<Item = Cell>) -> Self {
        self.push(cells);
        self
    }

    /// Adds a row in a loop.
    pub fn push(&mut self, cells: impl IntoIterator<Item = Cell>) {
        let cells: Vec<_> = cells.into_iter().collect();
        debug_assert_eq!(cells.len(), self.columns.len(), "a row of \"{}\"", self.caption);
        self.rows.push(cells);
    }

    /// Adds the row of totals.
    #[must_use]
    pub fn footer(mut self, cells: impl IntoIterator<Item = Cell>) -> Self {
        self.footer = cells.into_iter().collect();
        self
    }

    /// What to show instead when there is no row.
    #[must_use]
    pub fn empty(mut self, empty: EmptyState) -> Self {
        self.empty = Some(empty);
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::components::Tone;

    #[test]
    fn a_row_carries_its_headings_for_phones() {
        let table = Table::new(
            "Invoices",
            [Column::text("Number"), Column::number("Total"), Column::text("Status")],
        )
        .row([
            Link::new("B-0001", "/invoices/1").into(),
            Money::new(13_819, "EUR").into(),
            Badge::new(Tone::Good, "Paid").into(),
        ]);
        insta::assert_snapshot!(table, @r#"
        <div class="table-wrap">
          <table class="table">
            <caption>Invoices</caption>
            <thead>
              <tr><th scope="col">Number</th><th scope="col" class="number">Total</th><th scope="col">Status</th></tr>
            </thead>
            <tbody>
              <tr><th scope="row" data-label="Number"><a href="/invoices/1">B-0001</a></th><td class="number" data-label="Total"><span class="money">EUR 138.19</span></td><td data-label="Status"><span class="badge badge-good">Paid</span></td></tr>
            </tbody>
          </table>
        </div>
        "#);
    }

    #[test]
    fn no_rows_show_the_empty_state() {
        let table = Table::new("Invoices", [Column::text("Number")]).empty(EmptyState::new(
            "No invoices yet",
            "The first one comes with your membership.",
        ));
        let html = table.to_string();
        assert!(html.contains("No invoices yet") && !html.contains("<table"), "{html}");
    }
}
