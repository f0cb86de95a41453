//! `/` at the installation's host: what this is, in a minute.

use askama::Template;
use axum::response::Response;

use crate::{context::PageContext, page::page};

#[derive(Template)]
#[template(path = "platform/landing.html")]
struct LandingPage<'a> {
    ctx: &'a PageContext,
}

pub(super) async fn show(ctx: PageContext) -> Response {
    page(&ctx, &LandingPage { ctx: &ctx })
}
