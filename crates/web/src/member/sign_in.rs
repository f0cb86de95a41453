//! `/sign-in` and `/sign-out`, for members and staff alike.

use askama::Template;
use axum::{
    extract::{RawQuery, State},
    response::{IntoResponse as _, Redirect, Response},
};
use axum_extra::extract::CookieJar;
use coterie_app::session;
use serde::Deserialize;

use super::{answers_form, query};
use crate::{
    components::{ErrorSummary, Field, Hidden},
    context::{PageContext, Viewer},
    cookies,
    failure::Failure,
    form::Submitted,
    guard::safe_next,
    house::House,
    page::page_with_status,
    session::Tenant,
    state::AppState,
};

#[derive(Deserialize)]
struct SignIn {
    email: String,
    password: String,
}

#[derive(Template)]
#[template(path = "member/sign_in.html")]
struct SignInPage<'a> {
    ctx: &'a PageContext,
    errors: Option<ErrorSummary>,
    fields: [Field; 2],
    next: Hidden,
}

pub(super) async fn show(ctx: PageContext, RawQuery(raw): RawQuery) -> Result<Response, Failure> {
    let asked = query(raw)?;
    if ctx.viewer != Viewer::Stranger {
        return Ok(Redirect::to(safe_next(asked.get("next"))).into_response());
    }
    Ok(form(&ctx, &asked, None))
}

fn form(ctx: &PageContext, submitted: &Submitted, failure: Option<&Failure>) -> Response {
    let field = |field: Field| match failure {
        Some(failure) => field.refused(submitted, failure),
        None => field,
    };
    let page = SignInPage {
        ctx,
        errors: failure.map(ErrorSummary::new),
        fields: [
            field(Field::email("email", "Email").autocomplete("username")),
            field(Field::password("password", "Password")),
        ],
        next: Hidden::new("next", safe_next(submitted.get("next"))),
    };
    page_with_status(
        failure.map_or(http::StatusCode::OK, |failure| failure.status),
        ctx,
        &page,
    )
}

pub(super) async fn submit(
    ctx: PageContext,
    State(state): State<AppState>,
    house: House,
    jar: CookieJar,
    Tenant(tenant): Tenant,
    submitted: Submitted,
) -> Result<Response, Failure> {
    let outcome = async {
        let typed: SignIn = submitted.parse()?;
        Ok(session::sign_in(&house.app, tenant.tenant, &typed.email, typed.password).await?)
    };
    match outcome.await {
        Ok((token, _)) => {
            let jar = cookies::start_session(&state.config, jar, &token);
            Ok((jar, Redirect::to(safe_next(submitted.get("next")))).into_response())
        }
        Err(failure) if answers_form(&failure) => Ok(form(&ctx, &submitted, Some(&failure))),
        Err(failure) => Err(failure),
    }
}

/// `POST /sign-out`: ends the session on both sides.
pub(super) async fn out(State(state): State<AppState>, house: House, jar: CookieJar) -> Result<Response, Failure> {
    if let Some(token) = cookies::session_token(&state.config, &jar) {
        session::sign_out(&house.app, token).await?;
    }
    Ok((cookies::end_session(&state.config, jar), Redirect::to("/")).into_response())
}
