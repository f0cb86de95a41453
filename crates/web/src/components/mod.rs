//! What pages are made of. Each component is a struct that prints itself as HTML:
//! build it in the handler, write `{{ component }}` in the template.

mod badge;
mod bar_chart;
mod day_grid;
mod definition_list;
mod empty;
mod error_summary;
mod field;
mod floor_plan;
#[cfg(test)]
mod gallery;
mod heat_map;
mod money;
mod pagination;
mod photos;
mod table;
mod tiles;
mod timeline;

pub use self::{
    badge::{Badge, Tone},
    bar_chart::{Bar, BarChart},
    day_grid::{DayGrid, GridResource, Occupancy, Occupied},
    definition_list::DefinitionList,
    empty::EmptyState,
    error_summary::ErrorSummary,
    field::{Checkbox, Choice, Field, Hidden, Select, TextArea},
    floor_plan::FloorPlan,
    heat_map::{Heat, HeatMap, HeatRow},
    money::Money,
    pagination::Pagination,
    photos::Photos,
    table::{Cell, Column, Table},
    tiles::{Tile, Tiles},
    timeline::{Timeline, TimelineEvent},
};

/// A link with a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Link {
    /// What it says.
    pub label: String,
    /// Where it goes.
    pub href: String,
}

impl Link {
    /// A link.
    pub fn new(label: impl Into<String>, href: impl Into<String>) -> Self {
        Self {
            label: label.into(),
            href: href.into(),
        }
    }
}

/// Declares that a template escapes its own values, so that others may print it raw.
macro_rules! prints_html {
    ($($name:ty),+ $(,)?) => { $(impl askama::filters::HtmlSafe for $name {})+ };
}
pub(crate) use prints_html;
