//! A row of headline figures.

use askama::Template;

use super::{Cell, prints_html};

/// One figure.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tile {
    /// What is counted.
    pub label: String,
    /// The figure, as text or money.
    pub value: Cell,
    /// A remark below; empty for none.
    pub note: String,
    /// Where the figure comes from; `None` when there is no such page.
    pub href: Option<String>,
}

/// Headline figures side by side.
#[derive(Debug, Clone, Template)]
#[template(path = "components/tiles.html")]
pub struct Tiles {
    /// The figures, in order.
    pub tiles: Vec<Tile>,
}

prints_html!(Tiles);
