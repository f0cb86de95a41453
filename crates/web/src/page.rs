//! Turning a template into an answer.

use askama::Template;
use axum::response::{IntoResponse as _, Response};
use http::{HeaderValue, StatusCode, header};

use crate::{context::PageContext, cookies, failure::Failure, stack::CONTENT_SECURITY_POLICY};

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

/// Lets the forms of this page lead on to one other origin, such as a hosted payment page.
/// Browsers hold `form-action` against every redirect that follows a submitted form, so the page
/// with the form needs this, not the redirect. An origin that is not of the form
/// `scheme://host[:port]` is ignored, because it could add directives of its own.
pub fn allow_form_target(mut response: Response, origin: &str) -> Response {
    let plain = origin
        .bytes()
        .all(|byte| byte.is_ascii_alphanumeric() || b".-:/[]".contains(&byte));
    let shaped = (origin.starts_with("https://") || origin.starts_with("http://")) && origin.matches('/').count() == 2;
    if plain && shaped {
        let policy = CONTENT_SECURITY_POLICY.replace("form-action 'self'", &format!("form-action 'self' {origin}"));
        if let Ok(value) = HeaderValue::from_str(&policy) {
            response.headers_mut().insert(header::CONTENT_SECURITY_POLICY, value);
        }
    }
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    fn policy(origin: &str) -> Option<String> {
        let response = allow_form_target(Response::default(), origin);
        response
            .headers()
            .get(header::CONTENT_SECURITY_POLICY)
            .map(|value| value.to_str().unwrap().to_owned())
    }

    #[test]
    fn a_form_target_is_an_origin_and_nothing_else() {
        let policy_of = policy("https://checkout.stripe.com").unwrap();
        assert!(
            policy_of.contains("form-action 'self' https://checkout.stripe.com;"),
            "{policy_of}"
        );
        assert!(policy("http://127.0.0.1:12111").is_some());
        for wrong in [
            "https://a; script-src *",
            "https://a/b",
            "javascript:alert(1)",
            "*",
            "https://a b",
        ] {
            assert_eq!(policy(wrong), None, "{wrong}");
        }
    }
}
