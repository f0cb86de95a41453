//! `/sign-in` and `/sign-out` at the installation's host: whoever runs it shows the token of its environment.

use askama::Template;
use axum::{
    extract::{RawQuery, State},
    response::{IntoResponse as _, Redirect, Response},
};
use axum_extra::extract::CookieJar;
use http::StatusCode;
use serde::Deserialize;

use crate::{
    components::{ErrorSummary, Field, Hidden},
    context::PageContext,
    cookies,
    failure::{Failure, FieldError},
    form::Submitted,
    guard::safe_next,
    page::page_with_status,
    state::AppState,
};

#[derive(Deserialize)]
struct SignIn {
    token: String,
}

#[derive(Template)]
#[template(path = "platform/sign_in.html")]
struct SignInPage<'a> {
    ctx: &'a PageContext,
    enabled: bool,
    errors: Option<ErrorSummary>,
    token: Field,
    next: Hidden,
}

pub(super) async fn show(
    ctx: PageContext,
    State(state): State<AppState>,
    RawQuery(raw): RawQuery,
) -> Result<Response, Failure> {
    let asked = Submitted::from_encoded(raw.as_deref().unwrap_or_default())?;
    Ok(form(&ctx, &state, &asked, None))
}

fn form(ctx: &PageContext, state: &AppState, submitted: &Submitted, failure: Option<&Failure>) -> Response {
    let token = Field::password("token", "Token");
    let page = SignInPage {
        ctx,
        enabled: state.administration.is_some(),
        errors: failure.map(ErrorSummary::new),
        token: match failure {
            Some(failure) => token.refused(submitted, failure),
            None => token,
        },
        next: Hidden::new("next", next(submitted)),
    };
    page_with_status(failure.map_or(StatusCode::OK, |failure| failure.status), ctx, &page)
}

/// Without an address to go on to, where there is something to administer.
fn next(submitted: &Submitted) -> &str {
    match safe_next(submitted.get("next")) {
        "/" => "/projections",
        next => next,
    }
}

pub(super) async fn submit(
    ctx: PageContext,
    State(state): State<AppState>,
    jar: CookieJar,
    submitted: Submitted,
) -> Result<Response, Failure> {
    let typed: SignIn = submitted.parse()?;
    let known = state.administration.as_ref().filter(|known| known.knows(&typed.token));
    let Some(administration) = known else {
        tracing::warn!("somebody tried to sign in at the installation's host with a wrong token");
        let wrong = Failure::invalid(vec![FieldError::new(
            "token",
            "This is not the token of this installation.",
        )]);
        return Ok(form(&ctx, &state, &submitted, Some(&wrong)));
    };
    let jar = cookies::start_platform_session(&state.config, jar, &administration.session());
    Ok((jar, Redirect::to(next(&submitted))).into_response())
}

/// `POST /sign-out`
pub(super) async fn out(State(state): State<AppState>, jar: CookieJar) -> Response {
    (cookies::end_platform_session(&state.config, jar), Redirect::to("/")).into_response()
}
