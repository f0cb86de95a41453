//! `POST /visits/{token}/cancel`: gives up what she paid for, at what the page said goes back.

use axum::{
    extract::{Path, State},
    response::{IntoResponse as _, Redirect, Response},
};
use axum_extra::extract::CookieJar;
use coterie_app::visitor_booking;
use coterie_domain::Money;

use super::{stranger, visit};
use crate::{
    context::PageContext,
    cookies,
    failure::Failure,
    form::Submitted,
    house::House,
    member::{answers_form, command},
    session::Tenant,
    state::AppState,
};

pub(super) async fn submit(
    ctx: PageContext,
    State(state): State<AppState>,
    house: House,
    jar: CookieJar,
    Tenant(tenant): Tenant,
    Path(token): Path<String>,
    submitted: Submitted,
) -> Result<Response, Failure> {
    let caller = stranger(tenant.tenant);
    let found = visitor_booking::page::by_link(&house.app, &caller, &token).await?;
    // What is no number is no amount that anybody was told.
    let told = submitted.get("back").parse().unwrap_or(-1);
    let agreed = Money::new(told, found.visit.fact.amount.currency);
    let keyed = command::keyed(caller, &submitted, &format!("cancel:{token}:{told}"));
    match visitor_booking::cancel(&house.app, &keyed, &token, agreed).await {
        Ok(done) => {
            let jar = cookies::remember_position(&state.config, jar, done.position);
            Ok((jar, Redirect::to(&format!("/visits/{token}"))).into_response())
        }
        Err(error) => {
            let failure = Failure::from(error);
            if answers_form(&failure) {
                visit::again(&ctx, &state, &house, &tenant, &token, Some(&failure)).await
            } else {
                Err(failure)
            }
        }
    }
}
