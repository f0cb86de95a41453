//! `/confirm-email/{token}`: the link of the email. It works by GET, because that is what a link does; following it again
//! changes nothing.

use axum::{
    extract::{Path, State},
    response::{IntoResponse as _, Redirect, Response},
};
use axum_extra::extract::CookieJar;
use coterie_app::{member, session};

use crate::{context::Flash, cookies, failure::Failure, house::House, session::Tenant, state::AppState};

pub(super) async fn open(
    State(state): State<AppState>,
    house: House,
    jar: CookieJar,
    Tenant(tenant): Tenant,
    Path(token): Path<String>,
) -> Result<Response, Failure> {
    let done = member::confirm_email(&house.app, tenant.tenant, &token).await?;
    let session = session::open_session(&house.app, tenant.tenant, "member", done.outcome.0).await?;
    let jar = cookies::start_session(&state.config, jar, &session);
    let jar = cookies::remember_position(&state.config, jar, done.position);
    let flash = Flash::success("Your address is confirmed. Now choose a plan.");
    let jar = cookies::leave_flash(&state.config, jar, &flash);
    Ok((jar, Redirect::to("/plans")).into_response())
}
