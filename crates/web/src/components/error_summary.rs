//! What a form says above its fields when it was not accepted.

use askama::Template;

use super::prints_html;
use crate::failure::Failure;

/// The failure's sentence, and a link to each field that needs correcting.
#[derive(Debug, Clone, Template)]
#[template(path = "components/error_summary.html")]
pub struct ErrorSummary {
    failure: Failure,
}

impl ErrorSummary {
    /// Links go to `#field-<name>`, which is the id every field component has.
    pub fn new(failure: &Failure) -> Self {
        Self {
            failure: failure.clone(),
        }
    }
}

prints_html!(ErrorSummary);
