//! The page that asks who is at the door, or at the entrance.

use askama::Template;
use axum::response::Response;
use http::StatusCode;

use crate::{
    components::{ErrorSummary, Field, Hidden},
    context::PageContext,
    failure::Failure,
    form::Submitted,
    page::page_with_status,
};

/// What is asked for, and the form that asks for the code.
#[derive(Template)]
#[template(path = "door/code.html")]
pub(crate) struct CodePage<'a> {
    ctx: &'a PageContext,
    heading: String,
    what: String,
    errors: Option<ErrorSummary>,
    code: Field,
    hidden: Vec<Hidden>,
    button: &'static str,
    back: String,
}

impl<'a> CodePage<'a> {
    pub(crate) fn new(ctx: &'a PageContext, back: String, heading: String, button: &'static str) -> Self {
        Self {
            ctx,
            heading,
            what: String::new(),
            errors: None,
            code: field(),
            hidden: vec![Hidden::new("command", uuid::Uuid::now_v7().to_string())],
            button,
            back,
        }
    }

    /// What it is about, in a line.
    pub(crate) fn what(mut self, what: impl Into<String>) -> Self {
        self.what = what.into();
        self
    }

    /// Something that goes along with the code.
    pub(crate) fn with(mut self, name: &'static str, value: &str) -> Self {
        self.hidden.push(Hidden::new(name, value));
        self
    }

    /// The page, after a refusal with what was wrong. A code is a secret: it is not sent back.
    pub(crate) fn show(mut self, refused: Option<&Failure>) -> Result<Response, Failure> {
        if let Some(failure) = refused {
            self.code = self.code.refused(&Submitted::from_encoded("")?, failure);
            // What is wrong with the code is said beside it.
            self.errors = failure.field("code").is_none().then(|| ErrorSummary::new(failure));
        }
        let status = refused.map_or(StatusCode::OK, |failure| failure.status);
        Ok(page_with_status(status, self.ctx, &self))
    }
}

fn field() -> Field {
    Field::text("code", "Your door code")
        .hint("Six digits, from your own page \u{201c}Door code\u{201d}.")
        .autocomplete("off")
        .attribute("autofocus", "autofocus")
        .attribute("inputmode", "numeric")
        .attribute("maxlength", "7")
}
