//! `/door/{token}/book`: a member says who she is by her code, and the room is hers from the next step on.

use axum::{
    Extension,
    extract::{Path, RawQuery, State},
    response::{IntoResponse as _, Redirect, Response},
};
use axum_extra::extract::CookieJar;
use coterie_app::door::{self, BookNow};
use jiff::{ToSpan as _, civil::DateTime};
use uuid::Uuid;

use super::{code::CodePage, tenant};
use crate::{
    context::{Flash, PageContext},
    cookies,
    failure::{Failure, FieldError},
    form::Submitted,
    house::House,
    session::Tenant,
    state::AppState,
};

/// What was asked for by the board's link or by the form.
fn wish(asked: &Submitted) -> Result<BookNow, Failure> {
    let start = DateTime::strptime("%Y-%m-%dT%H:%M", asked.get("start"));
    match (start, asked.get("minutes").parse()) {
        (Ok(start), Ok(minutes)) if door::LENGTHS.contains(&minutes) => Ok(BookNow { start, minutes }),
        _ => Err(Failure::invalid(vec![FieldError::new(
            "minutes",
            "Please choose a time on the door's page.",
        )])),
    }
}

fn times(wish: BookNow) -> String {
    let end = wish.start.saturating_add(wish.minutes.minutes());
    format!("{} to {}", wish.start.strftime("%H:%M"), end.strftime("%H:%M"))
}

async fn render(
    ctx: &PageContext,
    house: &House,
    tenant: Uuid,
    token: &str,
    asked: &Submitted,
    refused: Option<&Failure>,
) -> Result<Response, Failure> {
    let board = door::board(&house.app, tenant, token).await?;
    let board = board.ok_or_else(Failure::not_found)?;
    CodePage::new(
        ctx,
        format!("/door/{token}"),
        format!("Book {}", board.resource_name),
        "Book it",
    )
    .what(times(wish(asked)?))
    .with("start", asked.get("start"))
    .with("minutes", asked.get("minutes"))
    .show(refused)
}

pub(super) async fn show(
    ctx: PageContext,
    house: House,
    chain: Option<Extension<Tenant>>,
    Path(token): Path<String>,
    RawQuery(raw): RawQuery,
) -> Result<Response, Failure> {
    let tenant = tenant(chain)?;
    let asked = Submitted::from_encoded(&raw.unwrap_or_default())?;
    if wish(&asked).is_err() {
        // Nothing was chosen: where there is such a door, its page says what can be.
        let board = door::board(&house.app, tenant, &token).await?;
        board.ok_or_else(Failure::not_found)?;
        return Ok(Redirect::to(&format!("/door/{token}")).into_response());
    }
    render(&ctx, &house, tenant, &token, &asked, None).await
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
    let wish = match wish(&submitted) {
        Ok(wish) => wish,
        Err(failure) => {
            let board = door::board(&house.app, tenant, &token).await?;
            return Err(board.map_or_else(Failure::not_found, |_| failure));
        }
    };
    let proof = (token.as_str(), submitted.get("code"));
    match door::book(&house.app, tenant, proof, wish, submitted.get("command")).await {
        Ok(_) => {
            let flash = Flash::success(format!("Booked from {}.", times(wish)));
            let jar = cookies::leave_flash(&state.config, jar, &flash);
            Ok((jar, Redirect::to(&format!("/door/{token}"))).into_response())
        }
        Err(error) => {
            let failure = Failure::from(error);
            if !matches!(failure.status.as_u16(), 409 | 422) {
                return Err(failure);
            }
            render(&ctx, &house, tenant, &token, &submitted, Some(&failure)).await
        }
    }
}
