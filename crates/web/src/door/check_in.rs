//! `/door/{token}/check-in`: whoever has booked the room says by her code that she is there.

use axum::{
    Extension,
    extract::{Path, State},
    response::{IntoResponse as _, Redirect, Response},
};
use axum_extra::extract::CookieJar;
use coterie_app::door;
use uuid::Uuid;

use super::{code::CodePage, tenant};
use crate::{
    context::{Flash, PageContext},
    cookies,
    failure::Failure,
    form::Submitted,
    house::House,
    session::Tenant,
    state::AppState,
};

async fn render(
    ctx: &PageContext,
    house: &House,
    tenant: Uuid,
    token: &str,
    refused: Option<&Failure>,
) -> Result<Response, Failure> {
    let board = door::board(&house.app, tenant, token).await?;
    let board = board.ok_or_else(Failure::not_found)?;
    CodePage::new(
        ctx,
        format!("/door/{token}"),
        format!("Check in at {}", board.resource_name),
        "Check in",
    )
    .show(refused)
}

pub(super) async fn show(
    ctx: PageContext,
    house: House,
    chain: Option<Extension<Tenant>>,
    Path(token): Path<String>,
) -> Result<Response, Failure> {
    render(&ctx, &house, tenant(chain)?, &token, None).await
}

pub(super) async fn submit(
    ctx: PageContext,
    State(state): State<AppState>,
    house: House,
    jar: CookieJar,
    chain: Option<Extension<Tenant>>,
    Path(token): Path<String>,
    submitted: Submitted,
) -> Result<Response, Failure> {
    let tenant = tenant(chain)?;
    let proof = (token.as_str(), submitted.get("code"));
    match door::check_in(&house.app, tenant, proof, submitted.get("command")).await {
        Ok(_) => {
            let flash = Flash::success("You are checked in.");
            let jar = cookies::leave_flash(&state.config, jar, &flash);
            Ok((jar, Redirect::to(&format!("/door/{token}"))).into_response())
        }
        Err(error) => {
            let failure = Failure::from(error);
            if !matches!(failure.status.as_u16(), 409 | 422) {
                return Err(failure);
            }
            render(&ctx, &house, tenant, &token, Some(&failure)).await
        }
    }
}
