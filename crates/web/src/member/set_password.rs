//! `/set-password/{token}`: the link of an invitation. It ends every session that was open with the old password.

use askama::Template;
use axum::{
    extract::{Path, State},
    response::{IntoResponse as _, Redirect, Response},
};
use axum_extra::extract::CookieJar;
use coterie_app::session;
use http::StatusCode;
use serde::Deserialize;

use super::answers_form;
use crate::{
    components::{ErrorSummary, Field},
    context::{Flash, PageContext},
    cookies,
    failure::Failure,
    form::Submitted,
    house::House,
    page::page_with_status,
    session::Tenant,
    state::AppState,
};

#[derive(Deserialize)]
struct SetPassword {
    password: String,
}

#[derive(Template)]
#[template(path = "member/set_password.html")]
struct SetPasswordPage<'a> {
    ctx: &'a PageContext,
    errors: Option<ErrorSummary>,
    field: Field,
}

pub(super) async fn show(ctx: PageContext) -> Response {
    form(&ctx, &Submitted::default(), None)
}

fn form(ctx: &PageContext, submitted: &Submitted, failure: Option<&Failure>) -> Response {
    let field = Field::password("password", "New password")
        .autocomplete("new-password")
        .hint(format!("At least {} characters.", session::PASSWORD_MIN_CHARS));
    let page = SetPasswordPage {
        ctx,
        errors: failure.map(ErrorSummary::new),
        field: match failure {
            Some(failure) => field.refused(submitted, failure),
            None => field,
        },
    };
    page_with_status(failure.map_or(StatusCode::OK, |failure| failure.status), ctx, &page)
}

pub(super) async fn submit(
    ctx: PageContext,
    State(state): State<AppState>,
    house: House,
    jar: CookieJar,
    Tenant(tenant): Tenant,
    Path(token): Path<String>,
    submitted: Submitted,
) -> Result<Response, Failure> {
    let outcome = async {
        let typed: SetPassword = submitted.parse()?;
        Ok(session::set_password(&house.app, tenant.tenant, &token, typed.password).await?)
    };
    match outcome.await {
        Ok(()) => {
            let flash = Flash::success("Your password is set. Sign in with it now.");
            let jar = cookies::leave_flash(&state.config, jar, &flash);
            Ok((jar, Redirect::to("/sign-in")).into_response())
        }
        Err(failure) if answers_form(&failure) => Ok(form(&ctx, &submitted, Some(&failure))),
        Err(failure) => Err(failure),
    }
}
