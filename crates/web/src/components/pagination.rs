//! Steps through a list by cursor: there are no page numbers, because lists grow.

use askama::Template;

use super::prints_html;

/// Links to the neighbouring pages; prints nothing when there is neither.
#[derive(Debug, Clone, PartialEq, Eq, Template)]
#[template(path = "components/pagination.html")]
pub struct Pagination {
    /// What is paged, for the landmark's name: "Invoices".
    pub label: String,
    /// The page before, if any.
    pub previous: Option<String>,
    /// The page after, if any.
    pub next: Option<String>,
}

prints_html!(Pagination);
