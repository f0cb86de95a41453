//! Turning a template into an answer.

use askama::Template;
use axum::response::{IntoResponse as _, Response};
use http::{HeaderValue, StatusCode, header};

use crate::{context::PageContext, cookies, failure::Failure};

/// A page with status 200; a flash message it shows is cleared.
pub fn page(ctx: &PageContext, template: &impl Template) -> Response {
    page_with_status(StatusCode::OK, ctx, template)
}

/// A page with another status, such as 422 for a form that comes back with its errors.
pub fn page_with_status(status: StatusCode, ctx: &PageContext, template: &impl Template) -> Response {
    let html = match template.render() {
        Ok(html) => html,
        Err(error) => return Failure::internal(&error).into_response(),
    };
    let mut response = (status, html).into_response();
    let headers = response.headers_mut();
    headers.insert(
        header::CONTENT_TYPE,
        HeaderValue::from_static("text/html; charset=utf-8"),
    );
    if ctx.flash.is_some()
        && let Ok(value) = HeaderValue::from_str(&cookies::clear_flash(ctx.https).to_string())
    {
        headers.append(header::SET_COOKIE, value);
    }
    response
}
